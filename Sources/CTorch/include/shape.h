#pragma once
#include "types.h"
TORCH_BEGIN
torch_tensor torch_reshape(torch_tensor x, const int64_t *shape, int rank);
torch_tensor torch_expand(torch_tensor x, const int64_t *shape, int rank);
torch_tensor torch_permute(torch_tensor x, const int64_t *axes, int count);
torch_tensor torch_unsqueeze(torch_tensor x, int64_t axis);
torch_tensor torch_squeeze(torch_tensor x, int64_t axis);
/// `count` equal parts of an axis whose length is a multiple of it.
bool torch_split(torch_tensor x, int count, int64_t axis, torch_tensor *parts);
torch_tensor torch_narrow(torch_tensor x, int64_t axis, int64_t start, int64_t length);
torch_tensor torch_index_select(torch_tensor x, int64_t axis, torch_tensor indices);
torch_tensor torch_gather(torch_tensor x, int64_t axis, torch_tensor indices);
/// Indexes leading axes together, as NumPy does; null keeps an axis whole.
torch_tensor torch_index(torch_tensor x, const torch_tensor *indices, int count);
torch_tensor torch_unfold(torch_tensor x, int64_t axis, int64_t size, int64_t step);
/// `margins` are pairs of before and after, for the last axis first.
torch_tensor torch_pad(torch_tensor x, const int64_t *margins, int count, double value);
/// A mirrored frame around the last two axes.
torch_tensor torch_reflection_pad2d(torch_tensor x, int64_t margin);
torch_tensor torch_flip(torch_tensor x, int64_t axis);
torch_tensor torch_cat(const torch_tensor *tensors, int count, int64_t axis);
torch_tensor torch_stack(const torch_tensor *tensors, int count, int64_t axis);
torch_tensor torch_one_hot(torch_tensor indices, int64_t classes);
TORCH_END
