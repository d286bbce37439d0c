#pragma once
// libtorch ships Gloo's code and not its headers. These declare what `ProcessGroupGloo.hpp` names, no more: the shim
// holds pointers to these classes and never looks inside.
