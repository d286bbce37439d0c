#pragma once
#ifdef __cplusplus
extern "C"
#endif
int torch_shim_version(void);
