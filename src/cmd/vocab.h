/* The drivers of this build as words of the suite language. */
#pragma once

#include "load/driver.h"
#include "model/suite.h"

SuiteVocab drivers_vocab(Arena *a);
