// SPDX-License-Identifier: GPL-2.0
/// An RDMA device in software, to register memory with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// A rdma_rxe device over a TAP interface of ours, through the kernel's own interfaces (netlink,
/// /dev/infiniband/uverbsN). All of it goes with the object, or with a process that is killed: the
/// interface goes with its descriptor, and the RDMA device with the interface.
class SoftRdma {
 public:
  /// ENOSYS where the modules rdma_rxe and tun are not there.
  [[nodiscard]] static Result<SoftRdma> make();

  /// Registers memory for local and remote reading and writing.
  Result<void> register_memory(std::span<std::byte> memory);
  Result<void> deregister();

 private:
  SoftRdma() = default;
  Result<void> open_context();

  Fd interface_;
  Fd verbs_;
  Fd events_;
  std::uint32_t domain_ = 0;
  std::uint32_t region_ = 0;
};

}  // namespace daxbreak
