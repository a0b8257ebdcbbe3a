// SPDX-License-Identifier: GPL-2.0
// Memory registered for RDMA stays held until it is deregistered, and a layout break could not wait
// for that. drivers/infiniband/core/umem.c, ib_umem_get() asks for FOLL_LONGTERM, which must be
// refused on fsdax (mm/gup.c, check_vma_flags(); 5.10: check_dax_vmas()).
#include <optional>

#include "workloads/pin/pin.h"
#include "workloads/pin/soft_rdma.h"

namespace daxbreak {
namespace {

class RxeMrPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto device = SoftRdma::make();
    if (!device) return device.error();
    device_.emplace(std::move(*device));
    return device_->register_memory(target.memory);
  }

  Result<void> release() override {
    auto done = device_->deregister();
    device_.reset();
    return done;
  }

  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }

 private:
  std::optional<SoftRdma> device_;
};

const PinRegistry::Add registered{{
    .name = "rxe-mr",
    .help = "a memory region of a rdma_rxe device (FOLL_LONGTERM): must be refused with EOPNOTSUPP "
            "on fsdax",
    .must_be_refused = true,
    .own_machine = true,
    .flavour = Flavour::pin,
    .writes_page = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<RxeMrPin>(); },
    .recipe = {.none = "it takes an RDMA stack; io-uring-fixed asks for the same long-term hold"},
}};

}  // namespace
}  // namespace daxbreak
