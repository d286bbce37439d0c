#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TORCH_BEGIN extern "C" {
#define TORCH_END }
#else
#define TORCH_BEGIN
#define TORCH_END
#endif

/// A tensor: libtorch's own reference-counted `TensorImpl *`. Null means failure (see `torch_error`)
/// as a result and "absent" as an argument.
typedef struct torch_tensor_s *torch_tensor;
/// A random number generator of one device.
typedef struct torch_generator_s *torch_generator;
