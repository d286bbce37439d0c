#pragma once
// The C border to libtorch, grouped as the Swift files that call it.
#include "autograd.h"
#include "distributed.h"
#include "image.h"
#include "linear.h"
#include "optimizer.h"
#include "pointwise.h"
#include "random.h"
#include "reduction.h"
#include "shape.h"
#include "system.h"
#include "tensor.h"
