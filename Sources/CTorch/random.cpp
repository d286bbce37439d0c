#include "random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/bernoulli.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/random.h>
#include <ATen/ops/randperm.h>

#include <limits>

#include "support.h"

using namespace shim;

torch_generator torch_generator_make(uint64_t seed, int device) {
  return guarded<torch_generator>(nullptr, [&] {
    const auto type = static_cast<at::DeviceType>(device);
    auto made = type == at::kCPU
                    ? at::make_generator<at::CPUGeneratorImpl>(seed)
                    : at::globalContext().getAcceleratorHooksInterface(type).getNewGenerator(0);
    made.set_current_seed(seed);
    return reinterpret_cast<torch_generator>(new at::Generator(std::move(made)));
  });
}
void torch_generator_free(torch_generator g) { delete &generator(g); }
torch_tensor torch_generator_state(torch_generator g) { TORCH_RETURN(generator(g).get_state()); }
bool torch_generator_set_state(torch_generator g, torch_tensor state) {
  TORCH_DO(generator(g).set_state(view(state)));
}
torch_tensor torch_randn(const int64_t *shape, int rank, int dtype, int device, torch_generator g) {
  TORCH_RETURN(at::randn(ints(shape, rank), generator(g), options(dtype, device)));
}
torch_tensor torch_rand(const int64_t *shape, int rank, int dtype, int device, torch_generator g) {
  TORCH_RETURN(at::rand(ints(shape, rank), generator(g), options(dtype, device)));
}
torch_tensor torch_random_bits(int64_t count, int device, torch_generator g) {
  TORCH_RETURN(at::empty({count}, options(static_cast<int>(at::kLong), device))
                   .random_(std::numeric_limits<int64_t>::min(), std::nullopt, generator(g)));
}
torch_tensor torch_bernoulli(torch_tensor p, torch_generator g) {
  TORCH_RETURN(at::bernoulli(view(p), generator(g)));
}
torch_tensor torch_multinomial(torch_tensor p, int64_t count, torch_generator g) {
  TORCH_RETURN(at::multinomial(view(p), count, true, generator(g)));
}
torch_tensor torch_randperm(int64_t count, int device, torch_generator g) {
  TORCH_RETURN(at::randperm(count, generator(g), options(static_cast<int>(at::kLong), device)));
}
