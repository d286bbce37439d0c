#pragma once
// Private to the shim: handles as libtorch's tensors, and the one catch of every call.
#include <ATen/core/Tensor.h>
#include <ATen/core/Generator.h>

#include <exception>
#include <optional>
#include <vector>

#include "types.h"

namespace shim {

static_assert(sizeof(at::Tensor) == sizeof(void *));

void count_live(int64_t change) noexcept;
void keep_error(const char *message) noexcept;

/// A borrowed view: the count is not touched.
inline const at::Tensor &view(const torch_tensor &handle) {
  return reinterpret_cast<const at::Tensor &>(handle);
}

inline std::optional<at::Tensor> maybe(const torch_tensor &handle) {
  if (handle == nullptr) return std::nullopt;
  return view(handle);
}

inline std::vector<at::Tensor> list(const torch_tensor *handles, int count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int i = 0; i < count; ++i) tensors.push_back(view(handles[i]));
  return tensors;
}

inline at::IntArrayRef ints(const int64_t *values, int count) {
  return {values, static_cast<size_t>(count)};
}

inline at::OptionalIntArrayRef axes(const int64_t *values, int count) {
  if (count == 0) return std::nullopt;
  return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline at::TensorOptions options(int dtype, int device) {
  return at::TensorOptions()
      .dtype(static_cast<at::ScalarType>(dtype))
      .device(static_cast<at::DeviceType>(device));
}

inline torch_tensor release(at::Tensor tensor) {
  count_live(1);
  return reinterpret_cast<torch_tensor>(tensor.unsafeReleaseTensorImpl());
}

inline at::Generator &generator(torch_generator g) { return *reinterpret_cast<at::Generator *>(g); }

/// Runs `body`; an exception becomes `failure` and a kept message.
template <class Result, class Body>
Result guarded(Result failure, Body body) noexcept {
  try {
    return body();
  } catch (const c10::Error &error) {
    keep_error(error.what_without_backtrace());
  } catch (const std::exception &error) {
    keep_error(error.what());
  } catch (...) {
    keep_error("an exception of unknown type");
  }
  return failure;
}

}  // namespace shim

/// The body of a call that returns a tensor.
#define TORCH_RETURN(expression) \
  return shim::guarded<torch_tensor>(nullptr, [&] { return shim::release(expression); })
/// The body of a call that acts and says whether it could.
#define TORCH_DO(...)               \
  return shim::guarded(false, [&] { \
    __VA_ARGS__;                    \
    return true;                    \
  })
