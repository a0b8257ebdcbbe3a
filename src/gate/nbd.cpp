// SPDX-License-Identifier: GPL-2.0
// The gate that answers late: a network block device whose server, a thread of ours, withholds its
// replies while shut, and when it is opened gives them in reverse order. Pages are let go where
// drivers/block/nbd.c, recv_work() completes requests: a worker ("knbdN-recv"), or the softirq it
// sends the completion to. Data that are read are copied into the pages by that worker when the
// gate opens; data that are written leave the pages at submission (the driver sends them at once),
// so a write through this gate holds its pages but shows no leak.
#include "gate/gate.h"
#include "gate/nbd_device.h"
#include "gate/nbd_server.h"
#include "gate/null_blk.h"

namespace daxbreak {
namespace {

class NbdGate final : public Gate {
 public:
  NbdGate(std::unique_ptr<NbdServer> server, std::unique_ptr<NbdDevice> device)
      : server_(std::move(server)), device_(std::move(device)) {}
  ~NbdGate() override { static_cast<void>(open()); }

  [[nodiscard]] const std::string& device() const override { return device_->path(); }

  Result<void> shut() override { return server_->answer(NbdServer::Answers::withheld); }
  Result<void> open() override { return server_->answer(NbdServer::Answers::at_once); }
  Result<void> fail() override { return server_->answer(NbdServer::Answers::as_errors); }
  Result<void> mend() override { return open(); }

 private:
  std::unique_ptr<NbdServer> server_;  // after the device: answers until that is gone
  std::unique_ptr<NbdDevice> device_;
};

const GateRegistry::Add nbd{{
    .name = "nbd",
    .help = "a network block device whose server withholds its replies, then gives them in "
            "reverse order; reads move their data at opening, writes theirs at submission",
    .timed = false,
    .make = [](const GateSettings&) -> Result<std::unique_ptr<Gate>> {
      constexpr std::size_t bytes = gate_megabytes << 20U;
      auto server = NbdServer::start(bytes);
      if (!server) return server.error();
      auto device = NbdDevice::connect((*server)->take_client(), bytes);
      if (!device) return device.error();
      return std::unique_ptr<Gate>(
          std::make_unique<NbdGate>(*std::move(server), *std::move(device)));
    },
}};

}  // namespace
}  // namespace daxbreak
