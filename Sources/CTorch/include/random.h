#pragma once
#include "types.h"
TORCH_BEGIN
torch_generator torch_generator_make(uint64_t seed, int device);
void torch_generator_free(torch_generator g);
torch_tensor torch_generator_state(torch_generator g);
bool torch_generator_set_state(torch_generator g, torch_tensor state);
torch_tensor torch_randn(const int64_t *shape, int rank, int dtype, int device, torch_generator g);
torch_tensor torch_rand(const int64_t *shape, int rank, int dtype, int device, torch_generator g);
torch_tensor torch_random_bits(int64_t count, int device, torch_generator g);
torch_tensor torch_bernoulli(torch_tensor p, torch_generator g);
torch_tensor torch_multinomial(torch_tensor p, int64_t count, torch_generator g);
torch_tensor torch_randperm(int64_t count, int device, torch_generator g);
TORCH_END
