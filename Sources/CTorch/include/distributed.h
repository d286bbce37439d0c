#pragma once
#include "types.h"
TORCH_BEGIN
/// A key-value store that processes meet at, over TCP.
typedef struct torch_store_s *torch_store;
/// A group of processes that sum tensors together.
typedef struct torch_group_s *torch_group;

/// Connects to the store at `host`:`port`, or is it where `is_server`; a server's `port` of 0 takes a free one.
/// Null, and an error, after `timeout_ms` without a connection.
torch_store torch_store_make(const char *host, int port, bool is_server, int64_t timeout_ms);
void torch_store_free(torch_store store);
int torch_store_port(torch_store store);
/// Adds to a number that is 0 at first; `result` is the sum.
bool torch_store_add(torch_store store, const char *key, int64_t amount, int64_t *result);
bool torch_store_set(torch_store store, const char *key, const char *text);
/// Whether somebody has set `key`.
bool torch_store_has(torch_store store, const char *key, bool *has);
/// Writes the text under `key`, which has been set, into `text`, with a 0 behind it; it is cut to `capacity` bytes.
bool torch_store_get(torch_store store, const char *key, char *text, int64_t capacity);
/// Waits until `key` has been set.
bool torch_store_wait(torch_store store, const char *key, int64_t timeout_ms);

/// The address, in digits, that this machine's packets to `host` come from.
bool torch_local_address(const char *host, char *address, int capacity);

/// Joins the group `name` of `count` processes that meet at `store`, under the number `rank`; `address` is this
/// machine's as the others see it. Returns when all have joined.
torch_group torch_group_make(torch_store store, const char *name, const char *address, int rank, int count);
void torch_group_free(torch_group group);
/// The sum of x over the group's processes. Its gradient is the sum of the processes' gradients.
torch_tensor torch_group_sum(torch_group group, torch_tensor x);
/// Writes the mean over the group's processes into each tensor.
bool torch_group_average_(torch_group group, const torch_tensor *tensors, int count);
/// Writes the values of process 0 into x.
bool torch_group_copy_first_(torch_group group, torch_tensor x);
TORCH_END
