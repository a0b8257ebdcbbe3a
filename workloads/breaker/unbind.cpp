// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/unbind.h"

#include <fcntl.h>

#include <memory>

#include "base/file.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

/// What to write where.
struct Unbind {
  Fd control;
  std::string name;  ///< of the device on its bus: "pfn0.0", "namespace0.0", "dax0.0"
};

}  // namespace

int prepare_unbind(BreakTarget& target, const std::filesystem::path& device) {
  auto control = open_file(device / "driver" / "unbind", O_WRONLY);
  if (!control) return control.error().number;
  target.state = std::make_shared<Unbind>(Unbind{std::move(*control), device.filename().string()});
  return 0;
}

int unbind_now(BreakTarget& target) {
  const auto& request = **std::any_cast<std::shared_ptr<Unbind>>(&target.state);
  return outcome(::write(request.control.get(), request.name.data(), request.name.size()));
}

std::filesystem::path on_dax_bus(const BreakTarget& target) {
  std::error_code failed;
  auto device = std::filesystem::canonical(
      "/sys/bus/dax/devices" / std::filesystem::path(target.device).filename(), failed);
  return failed ? std::filesystem::path() : device;
}

}  // namespace daxbreak
