#include "CTorch.h"
extern "C" int torch_shim_version(void) { return 1; }
