#pragma once
#include "types.h"
TORCH_BEGIN
torch_tensor torch_matmul(torch_tensor x, torch_tensor y);
/// `bias` may be null in all of these.
torch_tensor torch_linear(torch_tensor x, torch_tensor weight, torch_tensor bias);
torch_tensor torch_conv2d(torch_tensor x, torch_tensor weight, torch_tensor bias, int64_t stride,
                          int64_t padding);
torch_tensor torch_conv_transpose2d(torch_tensor x, torch_tensor weight, torch_tensor bias,
                                    int64_t stride, int64_t padding, int64_t output_padding);
/// `mean` and `variance` are the running statistics, updated in place when `training`.
torch_tensor torch_batch_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, torch_tensor mean,
                              torch_tensor variance, bool training, double momentum, double epsilon);
/// Statistics of every map of every example; `weight` and `bias` may be null.
torch_tensor torch_instance_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, double epsilon);
/// Statistics over the last axes, which are those of `weight` and `bias`.
torch_tensor torch_layer_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, double epsilon);
torch_tensor torch_embedding(torch_tensor weight, torch_tensor indices);
/// Euclidean distances of the rows, taken of differences.
torch_tensor torch_distances(torch_tensor x, torch_tensor y);
/// Singular values of a matrix, largest first.
torch_tensor torch_svdvals(torch_tensor x);
/// Eigenvalues of a symmetric matrix, smallest first, and the vectors as columns.
bool torch_eigh(torch_tensor x, torch_tensor *values, torch_tensor *vectors);
TORCH_END
