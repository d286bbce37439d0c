#pragma once
#include "types.h"
TORCH_BEGIN
#define TORCH_UNARY(op) torch_tensor torch_##op(torch_tensor x);
#define TORCH_BINARY(op) torch_tensor torch_##op(torch_tensor x, torch_tensor y);
#define TORCH_SCALAR(op)                                        \
  torch_tensor torch_##op##_real(torch_tensor x, double value); \
  torch_tensor torch_##op##_int(torch_tensor x, int64_t value);
#include "pointwise.inc"
#undef TORCH_UNARY
#undef TORCH_BINARY
#undef TORCH_SCALAR

/// x < y as 0 or 1 of another type, without a pass over booleans; equal shapes, no gradient.
torch_tensor torch_lt_as(torch_tensor x, torch_tensor y, int dtype);
torch_tensor torch_leaky_relu(torch_tensor x, double slope);
torch_tensor torch_leaky_relu_(torch_tensor x, double slope);
torch_tensor torch_elu(torch_tensor x);
torch_tensor torch_elu_(torch_tensor x);
torch_tensor torch_softplus(torch_tensor x);
torch_tensor torch_clamp(torch_tensor x, double low, double high);
torch_tensor torch_clamp_(torch_tensor x, double low, double high);
torch_tensor torch_where(torch_tensor condition, torch_tensor x, torch_tensor y);
torch_tensor torch_addcmul(torch_tensor x, torch_tensor y, torch_tensor z, double value);
torch_tensor torch_bce_with_logits(torch_tensor logits, torch_tensor targets);
torch_tensor torch_bce_with_logits_sum(torch_tensor logits, torch_tensor targets);
TORCH_END
