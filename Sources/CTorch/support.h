#pragma once
// Private to the shim: handles as libtorch's tensors, and the one catch of every call.
#include <ATen/core/Tensor.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/empty.h>

#include <deque>
#include <exception>
#include <optional>
#include <vector>

#include "types.h"

namespace shim {

static_assert(sizeof(at::Tensor) == sizeof(void *));

void count_live(int64_t change) noexcept;
void count_bytes(int64_t made) noexcept;
void keep_error(const char *message) noexcept;
/// Whether a call of this thread has failed in a scope that will throw: what follows is rehearsed alone.
bool is_failing() noexcept;
/// The type that tensors of `dtype` have in this thread: float64 stands for float32 where it is wide.
at::ScalarType widened(int dtype) noexcept;
/// What the result of a failed call would have been.
void keep_failed(at::IntArrayRef shape, at::ScalarType dtype) noexcept;

/// A call that failed, once more on tensors without elements: what shape would its result have had?
class Rehearsal {
 public:
  Rehearsal() { current = this; }
  ~Rehearsal() { current = nullptr; }
  Rehearsal(const Rehearsal &) = delete;
  Rehearsal &operator=(const Rehearsal &) = delete;

  /// `x` without its elements, which lives as long as the rehearsal.
  const at::Tensor &stand_in(const at::Tensor &x) {
    return stand_ins.emplace_back(at::empty(x.sizes(), x.options().device(at::kMeta)));
  }

  /// The one of this thread; null in an earnest call.
  static thread_local Rehearsal *current;

 private:
  std::deque<at::Tensor> stand_ins;
};

/// A borrowed view: the count is not touched.
inline const at::Tensor &view(const torch_tensor &handle) {
  const auto &x = reinterpret_cast<const at::Tensor &>(handle);
  return Rehearsal::current ? Rehearsal::current->stand_in(x) : x;
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
      .dtype(widened(dtype))
      .device(Rehearsal::current ? at::kMeta : static_cast<at::DeviceType>(device));
}

inline torch_tensor release(at::Tensor tensor) {
  count_live(1);
  count_bytes(static_cast<int64_t>(tensor.nbytes()));
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

/// The result of `expression`, or null and a kept message; a null result's shape is kept for `torch_failed_result`.
template <class Expression>
torch_tensor result(Expression expression) noexcept {
  const auto made =
      is_failing() ? nullptr : guarded<torch_tensor>(nullptr, [&] { return release(expression()); });
  if (made == nullptr) {
    keep_failed({}, at::kFloat);
    try {
      Rehearsal rehearsal;
      const at::Tensor shaped = expression();
      keep_failed(shaped.sizes(), shaped.scalar_type());
    } catch (...) {
      // libtorch cannot tell: a scalar it is.
    }
  }
  return made;
}

}  // namespace shim

/// The body of a call that returns a tensor.
#define TORCH_RETURN(expression) return shim::result([&]() -> at::Tensor { return (expression); })
/// The body of a call that acts and says whether it could.
#define TORCH_DO(...)               \
  return shim::guarded(false, [&] { \
    __VA_ARGS__;                    \
    return true;                    \
  })
