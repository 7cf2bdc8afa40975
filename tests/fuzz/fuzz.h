#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * A fuzz target: one input, which it copies where it wants to see steps too far. It ends the
 * program (errx, abort) when a promise is broken. Under libFuzzer (IPCTRACE_FUZZER) it is called
 * by that; else by driver.c, which makes inputs of its own.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * For driver.c, and for the corpus that libFuzzer starts with: make an input of at most room
 * bytes, mostly right, with something wrong in it. Returns its length.
 */
size_t fuzz_make(uint8_t *data, size_t room);

/* How often, unless the command line says so. */
extern const unsigned long fuzz_rounds;

/* Has enough of what was made been taken for good? Ends the program if not. */
void fuzz_judge(unsigned long rounds);

extern uint64_t fuzz_seed;

/* From 0 to limit - 1; the same sequence in every run with the same seed. */
uint64_t fuzz_random(uint64_t limit);

/* Change len bytes in some places, cut, leave out, repeat; returns the new length. */
size_t fuzz_mutate(uint8_t *data, size_t len, size_t room);

/* Fill data with len bytes, most of them small, or room if that is less; returns how many. */
size_t fuzz_noise(uint8_t *data, size_t len, size_t room);

#endif
