// A worker for assay's exec driver: each call is a text that a plain function gets.
const { createHash } = require('crypto');
const lines = require('readline').createInterface({ input: process.stdin, terminal: false });

function work(text) {
    return createHash('sha256').update(text).digest('hex');
}

const plain = (text) => text.replace(/\\(.)/g, (_, c) => ({ n: '\n', r: '\r' })[c] || c);
const say = (text) => process.stdout.write(text + '\n');

say('assay-exec 1');
lines.on('line', (line) => {
    const [, verb, id, text] = /^(\w+) (\d+) ?(.*)$/.exec(line);
    if (verb === 'open')
        say(`ok ${id}`);
    if (verb !== 'call')
        return;
    const begin = process.hrtime.bigint();
    const result = work(plain(text));
    say(`ok ${id} ns=${process.hrtime.bigint() - begin} bytes=${result.length}`);
});
