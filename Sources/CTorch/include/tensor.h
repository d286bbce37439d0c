#pragma once
#include "types.h"
TORCH_BEGIN
// Element types are libtorch's ScalarType numbers, devices its DeviceType numbers.
torch_tensor torch_from_bytes(const void *bytes, const int64_t *shape, int rank, int dtype);
torch_tensor torch_full(const int64_t *shape, int rank, double value, int dtype, int device);
torch_tensor torch_arange(int64_t count, int dtype, int device);
void torch_free(torch_tensor x);
int64_t torch_live_tensors(void);
/// Tensors made less tensors freed by this thread.
int64_t torch_live_tensors_of_thread(void);
/// The bytes of all tensors that were made by this thread, freed or not.
int64_t torch_bytes_of_thread(void);
/// Whether calls of this thread that make tensors make `torch_failed_result`s alone, in no time: after a failure.
bool torch_failing(void);
void torch_set_failing(bool on);
/// NaN, or 0 of an integer type, in the shape that the result of this thread's last failed call would have had, without
/// memory for its elements; a scalar where libtorch cannot tell.
torch_tensor torch_failed_result(void);
/// Whether float64 stands for float32 in what this thread makes.
bool torch_wide(void);
void torch_set_wide(bool on);

int torch_rank(torch_tensor x);
/// -1 if there is no such axis.
int64_t torch_size(torch_tensor x, int axis);
int64_t torch_count(torch_tensor x);
int torch_dtype(torch_tensor x);
int torch_device(torch_tensor x);
/// The elements in row-major order, converted to `dtype`, as `count` bytes.
bool torch_copy_bytes(torch_tensor x, int dtype, void *bytes, int64_t count);
/// The elements of a contiguous tensor on the CPU; null for any other, and perhaps for none.
const void *torch_data(torch_tensor x);
bool torch_item(torch_tensor x, double *value);
bool torch_equal(torch_tensor x, torch_tensor y, bool *equal);

torch_tensor torch_to_dtype(torch_tensor x, int dtype);
torch_tensor torch_to_device(torch_tensor x, int device);
torch_tensor torch_view_dtype(torch_tensor x, int dtype);
torch_tensor torch_clone(torch_tensor x);
torch_tensor torch_contiguous(torch_tensor x);
bool torch_copy_(torch_tensor x, torch_tensor source);
TORCH_END
