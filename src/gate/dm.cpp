// SPDX-License-Identifier: GPL-2.0
// The event gate: a device-mapper device that is suspended while shut.
#include "gate/dm_device.h"
#include "gate/gate.h"
#include "gate/name.h"
#include "gate/null_blk.h"

namespace daxbreak {
namespace {

// A bio sent to a suspended device waits in md->deferred with its pages referenced, before anything
// was copied (drivers/md/dm.c, dm_submit_bio(), queue_io()). So the data are really read or written
// when the gate opens, whoever owns the page by then: that is what shows leaks and stray writes.
class DmGate final : public Gate {
 public:
  DmGate(NullBlk disk, std::string name, std::string device)
      : disk_(std::move(disk)), name_(std::move(name)), device_(std::move(device)) {}

  ~DmGate() override {
    (void)open();
    (void)remove_dm(name_);
  }

  [[nodiscard]] const std::string& device() const override { return device_; }

  Result<void> shut() override {
    if (shut_) return ok();
    auto done = suspend_dm(name_);
    shut_ = done.has_value();
    return done;
  }

  // Asks the driver whatever we remember: a trial shuts the gate in a process of its own, and when
  // that process had to be killed it is its parent that opens. Resuming an active device is no
  // error (drivers/md/dm-ioctl.c, do_resume()).
  Result<void> open() override {
    auto done = resume_dm(name_);
    if (done) shut_ = false;
    return done;
  }

  // What waits in md->deferred is mapped by whatever table the resume brings.
  Result<void> fail() override {
    if (auto loaded = reload_dm(name_, "", NullBlk::sectors()); !loaded) return loaded;
    return open();
  }

  Result<void> mend() override {
    if (auto shut_again = suspend_dm(name_); !shut_again) return shut_again;
    if (auto loaded = reload_dm(name_, disk_.path(), NullBlk::sectors()); !loaded) return loaded;
    return open();
  }

 private:
  NullBlk disk_;  // the last to go
  std::string name_;
  std::string device_;
  bool shut_ = false;
};

// The disk under it completes from a timer interrupt as hardware does from its own, and not in the
// submitter: who drops the last reference, and in which context, is what is being tested.
constexpr Nanos disk_completion = std::chrono::milliseconds(1);

const GateRegistry::Add dm{{
    .name = "dm",
    .help = "a suspended device-mapper device; the data are moved when it is resumed",
    .timed = false,
    .make = [](const GateSettings&) -> Result<std::unique_ptr<Gate>> {
      auto disk = NullBlk::make(disk_completion);
      if (!disk) return disk.error();
      const std::string name = new_gate_name();
      auto device = create_linear(name, disk->path(), NullBlk::sectors());
      if (!device) return device.error();
      return std::unique_ptr<Gate>(std::make_unique<DmGate>(*std::move(disk), name, *device));
    },
}};

}  // namespace
}  // namespace daxbreak
