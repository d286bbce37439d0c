#pragma once
#include "types.h"
TORCH_BEGIN
/// The message of the last failed call of this thread; valid until the next failure.
const char *torch_error(void);
const char *torch_version(void);
/// Called once, before the first tensor: keeps freed pages in the process.
void torch_tune_allocator(void);
bool torch_set_threads(int count);
int torch_threads(void);
bool torch_device_available(int device);
TORCH_END
