#include "tensor.h"

#include <ATen/ops/_local_scalar_dense.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/clone.h>
#include <ATen/ops/contiguous.h>
#include <ATen/ops/copy.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/to.h>
#include <ATen/ops/view.h>

#include <cstring>

#include "support.h"

using namespace shim;

torch_tensor torch_from_bytes(const void *bytes, const int64_t *shape, int rank, int dtype) {
  TORCH_RETURN(([&] {
    auto x = at::empty(ints(shape, rank), options(dtype, 0).dtype(static_cast<at::ScalarType>(dtype)));
    if (!Rehearsal::current) std::memcpy(x.mutable_data_ptr(), bytes, x.nbytes());
    return x.to(widened(dtype));
  }()));
}
torch_tensor torch_full(const int64_t *shape, int rank, double value, int dtype, int device) {
  TORCH_RETURN(at::full(ints(shape, rank), value, options(dtype, device)));
}
torch_tensor torch_arange(int64_t count, int dtype, int device) {
  TORCH_RETURN(at::arange(count, options(dtype, device)));
}
void torch_free(torch_tensor x) {
  count_live(-1);
  c10::raw::intrusive_ptr::decref(reinterpret_cast<at::TensorImpl *>(x));
}

int torch_rank(torch_tensor x) { return static_cast<int>(view(x).dim()); }
int64_t torch_size(torch_tensor x, int axis) {
  return guarded<int64_t>(-1, [&] { return view(x).size(axis); });
}
int64_t torch_count(torch_tensor x) { return view(x).numel(); }
int torch_dtype(torch_tensor x) { return static_cast<int>(view(x).scalar_type()); }
int torch_device(torch_tensor x) { return static_cast<int>(view(x).device().type()); }

bool torch_copy_bytes(torch_tensor x, int dtype, void *bytes, int64_t count) {
  TORCH_DO({
    const auto host = view(x).detach().cpu().to(static_cast<at::ScalarType>(dtype)).contiguous();
    TORCH_CHECK(static_cast<int64_t>(host.nbytes()) == count, "expected ", host.nbytes(),
                " bytes of room, got ", count);
    std::memcpy(bytes, host.const_data_ptr(), count);
  });
}
const void *torch_data(torch_tensor x) {
  const auto &tensor = view(x);
  const bool readable = tensor.device().is_cpu() && tensor.is_contiguous();
  return guarded<const void *>(nullptr, [&] { return readable ? tensor.const_data_ptr() : nullptr; });
}
bool torch_item(torch_tensor x, double *value) { TORCH_DO(*value = view(x).item().toDouble()); }
bool torch_equal(torch_tensor x, torch_tensor y, bool *equal) {
  TORCH_DO(*equal = at::equal(view(x), view(y)));
}

torch_tensor torch_to_dtype(torch_tensor x, int dtype) {
  TORCH_RETURN(view(x).to(widened(dtype)));
}
torch_tensor torch_to_device(torch_tensor x, int device) {
  TORCH_RETURN(view(x).to(static_cast<at::DeviceType>(device)));
}
torch_tensor torch_view_dtype(torch_tensor x, int dtype) {
  TORCH_RETURN(view(x).view(static_cast<at::ScalarType>(dtype)));
}
torch_tensor torch_clone(torch_tensor x) { TORCH_RETURN(at::clone(view(x))); }
torch_tensor torch_contiguous(torch_tensor x) { TORCH_RETURN(view(x).contiguous()); }
bool torch_copy_(torch_tensor x, torch_tensor source) { TORCH_DO(view(x).copy_(view(source))); }
