#include "distributed.h"

#define USE_C10D_GLOO

#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

#include "support.h"

using namespace shim;

struct torch_store_s {
  c10::intrusive_ptr<c10d::TCPStore> tcp;
};
struct torch_group_s {
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
  int count;
};

namespace {
/// A process that dies closes its connections, which ends the others' waiting; nothing else should.
constexpr auto patience = std::chrono::hours(24 * 365);
/// Gradients travel in pieces of this size, several on their way at once.
constexpr int64_t bucket_bytes = 16 << 20;

void sum_(torch_group group, at::Tensor &x) {
  std::vector<at::Tensor> one{x};
  group->gloo->allreduce(one)->wait();
}

/// The sum over processes is its own adjoint: each process's result depends on everybody's x.
struct Sum : torch::autograd::Function<Sum> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x, int64_t group) {
    context->saved_data["group"] = group;
    auto sum = x.detach().clone(at::MemoryFormat::Contiguous);
    sum_(reinterpret_cast<torch_group>(group), sum);
    return sum;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    return {apply(gradients[0], context->saved_data["group"].toInt()), at::Tensor()};
  }
};
}  // namespace

torch_store torch_store_make(const char *host, int port, bool is_server, int64_t timeout_ms) {
  return guarded<torch_store>(nullptr, [&] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = is_server;
    options.waitWorkers = false;
    options.timeout = std::chrono::milliseconds(timeout_ms);
    return new torch_store_s{c10::make_intrusive<c10d::TCPStore>(host, options)};
  });
}
void torch_store_free(torch_store store) { delete store; }
int torch_store_port(torch_store store) { return store->tcp->getPort(); }
bool torch_store_add(torch_store store, const char *key, int64_t amount, int64_t *result) {
  TORCH_DO(*result = store->tcp->add(key, amount));
}
bool torch_store_set(torch_store store, const char *key, const char *text) {
  TORCH_DO(store->tcp->set(key, std::vector<uint8_t>(text, text + std::strlen(text))));
}
bool torch_store_has(torch_store store, const char *key, bool *has) { TORCH_DO(*has = store->tcp->check({key})); }
bool torch_store_get(torch_store store, const char *key, char *text, int64_t capacity) {
  TORCH_DO({
    const auto bytes = store->tcp->get(key);
    const auto length = std::min<size_t>(bytes.size(), capacity - 1);
    std::memcpy(text, bytes.data(), length);
    text[length] = 0;
  });
}
bool torch_store_wait(torch_store store, const char *key, int64_t timeout_ms) {
  TORCH_DO(store->tcp->wait({key}, std::chrono::milliseconds(timeout_ms)));
}

bool torch_local_address(const char *host, char *address, int capacity) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo *found = nullptr;
  // Any port will do: a datagram socket that is connected sends nothing.
  if (getaddrinfo(host, "9", &hints, &found) != 0) return false;
  bool done = false;
  for (const addrinfo *one = found; one != nullptr && !done; one = one->ai_next) {
    const int handle = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (handle < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    auto *place = reinterpret_cast<sockaddr *>(&own);
    done = connect(handle, one->ai_addr, one->ai_addrlen) == 0 && getsockname(handle, place, &length) == 0 &&
           getnameinfo(place, length, address, capacity, nullptr, 0, NI_NUMERICHOST) == 0;
    close(handle);
  }
  freeaddrinfo(found);
  return done;
}

torch_group torch_group_make(torch_store store, const char *name, const char *address, int rank, int count) {
  return guarded<torch_group>(nullptr, [&] {
    auto options = c10d::ProcessGroupGloo::Options::create(patience);
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
    auto place = c10::make_intrusive<c10d::PrefixStore>(name, store->tcp);
    return new torch_group_s{c10::make_intrusive<c10d::ProcessGroupGloo>(place, rank, count, options), count};
  });
}
void torch_group_free(torch_group group) { delete group; }

torch_tensor torch_group_sum(torch_group group, torch_tensor x) {
  TORCH_RETURN(Rehearsal::current ? view(x).clone()
                                  : Sum::apply(view(x), reinterpret_cast<int64_t>(group)));
}
bool torch_group_average_(torch_group group, const torch_tensor *tensors, int count) {
  TORCH_DO({
    struct Bucket {
      std::vector<at::Tensor> parts;
      at::Tensor flat;
      c10::intrusive_ptr<c10d::Work> work;
    };
    std::vector<Bucket> buckets;
    int64_t bytes = bucket_bytes;
    for (const auto &tensor : list(tensors, count)) {
      if (tensor.numel() == 0) continue;
      if (buckets.empty() || bytes >= bucket_bytes || buckets.back().parts[0].dtype() != tensor.dtype()) {
        buckets.emplace_back();
        bytes = 0;
      }
      buckets.back().parts.push_back(tensor.detach());
      bytes += static_cast<int64_t>(tensor.nbytes());
    }
    for (auto &bucket : buckets) {
      std::vector<at::Tensor> flattened;
      flattened.reserve(bucket.parts.size());
      for (const auto &part : bucket.parts) flattened.push_back(part.reshape({-1}));
      bucket.flat = at::cat(flattened);
      std::vector<at::Tensor> one{bucket.flat};
      bucket.work = group->gloo->allreduce(one);
    }
    for (auto &bucket : buckets) {
      bucket.work->wait();
      bucket.flat.div_(group->count);
      int64_t start = 0;
      for (auto &part : bucket.parts) {
        part.copy_(bucket.flat.narrow(0, start, part.numel()).view(part.sizes()));
        start += part.numel();
      }
    }
  });
}
bool torch_group_copy_first_(torch_group group, torch_tensor x) {
  TORCH_DO({
    auto values = view(x).detach().contiguous();
    std::vector<at::Tensor> one{values};
    group->gloo->broadcast(one)->wait();
    if (!values.is_same(view(x))) view(x).detach().copy_(values);
  });
}
