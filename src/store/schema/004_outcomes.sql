-- Classes of failure that came later; NULL in trials from before, which had none of them.
ALTER TABLE trials ADD COLUMN failed_unauthorized INTEGER;
ALTER TABLE trials ADD COLUMN failed_forbidden INTEGER;
ALTER TABLE trials ADD COLUMN failed_tool INTEGER;
