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

namespace {
/// libtorch's Mersenne Twister drops the upper half of its seed: a few ten thousand derived streams
/// would already hold two that are equal. Seeds below 2^32 keep libtorch's stream.
void use_all_bits(at::CPUGeneratorImpl &impl, uint64_t seed) {
  if (seed >> 32 == 0) return;
  auto data = at::mt19937(seed).data();
  for (auto &word : data.state_) {
    seed += 0x9E3779B97F4A7C15;  // SplitMix64, Steele et al. 2014
    auto z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    word ^= static_cast<uint32_t>((z ^ (z >> 31)) >> 32);
  }
  at::mt19937 engine;
  engine.set_data(data);
  impl.set_engine(engine);
}
}  // namespace

torch_generator torch_generator_make(uint64_t seed, int device) {
  return guarded<torch_generator>(nullptr, [&] {
    const auto type = static_cast<at::DeviceType>(device);
    auto made = type == at::kCPU
                    ? at::make_generator<at::CPUGeneratorImpl>(seed)
                    : at::globalContext().getAcceleratorHooksInterface(type).getNewGenerator(0);
    made.set_current_seed(seed);
    if (type == at::kCPU) use_all_bits(*made.get<at::CPUGeneratorImpl>(), seed);
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
