#include "system.h"

#include <ATen/Parallel.h>
#include <ATen/Context.h>
#include <ATen/ops/scalar_tensor.h>
#include <torch/version.h>

#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "support.h"
#include "tensor.h"

namespace {
std::atomic<int64_t> live_tensors{0};
thread_local int64_t live_tensors_of_thread = 0;
thread_local int64_t bytes_of_thread = 0;
thread_local std::string last_error;
thread_local bool failing = false;
thread_local bool wide = false;
thread_local std::vector<int64_t> failed_shape;
thread_local at::ScalarType failed_dtype = at::kFloat;
}  // namespace

namespace shim {
void count_live(int64_t change) noexcept {
  live_tensors.fetch_add(change, std::memory_order_relaxed);
  live_tensors_of_thread += change;
}
void count_bytes(int64_t made) noexcept { bytes_of_thread += made; }
void keep_error(const char *message) noexcept { last_error = message; }
bool is_failing() noexcept { return failing; }
at::ScalarType widened(int dtype) noexcept {
  const auto type = static_cast<at::ScalarType>(dtype);
  return wide && type == at::kFloat ? at::kDouble : type;
}
void keep_failed(at::IntArrayRef shape, at::ScalarType dtype) noexcept {
  failed_shape = shape.vec();
  failed_dtype = dtype;
}
thread_local Rehearsal *Rehearsal::current = nullptr;
}  // namespace shim

int64_t torch_live_tensors(void) { return live_tensors.load(std::memory_order_relaxed); }
int64_t torch_live_tensors_of_thread(void) { return live_tensors_of_thread; }
bool torch_failing(void) { return failing; }
void torch_set_failing(bool on) { failing = on; }
bool torch_wide(void) { return wide; }
void torch_set_wide(bool on) { wide = on; }
int64_t torch_bytes_of_thread(void) { return bytes_of_thread; }
torch_tensor torch_failed_result(void) {
  const auto scalar = [](at::ScalarType dtype) {
    return at::scalar_tensor(at::isFloatingType(dtype) ? std::nan("") : 0.0, at::TensorOptions().dtype(dtype));
  };
  try {
    return shim::release(scalar(failed_dtype).expand(failed_shape));
  } catch (...) {
    return shim::release(scalar(at::kFloat));
  }
}
const char *torch_error(void) { return last_error.c_str(); }
const char *torch_version(void) { return TORCH_VERSION; }

void torch_tune_allocator(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  mallopt(M_TOP_PAD, 256 << 20);
#endif
}

bool torch_set_threads(int count) {
  return shim::guarded(false, [&] {
    at::set_num_threads(count);
    return true;
  });
}
int torch_threads(void) { return at::get_num_threads(); }

bool torch_device_available(int device) {
  return shim::guarded(false, [&] {
    const auto type = static_cast<at::DeviceType>(device);
    if (type == at::kCPU) return true;
    if (type == at::kCUDA) return at::globalContext().hasCUDA();
    if (type == at::kMPS) return at::globalContext().hasMPS();
    return false;
  });
}
