// SPDX-License-Identifier: GPL-2.0
#include "pmem/refusal.h"

#include <fmt/format.h>

#include "base/units.h"

namespace daxbreak {

std::string reconfigure_refusal(const Namespace& space, const NamespaceRequest& request) {
  if (request.mode != "fsdax" && request.mode != "devdax")
    return fmt::format("\"{}\" is no mode this program makes: use fsdax or devdax", request.mode);
  if (request.alignment != 4096 && request.alignment != 2UL << 20 && request.alignment != 1UL << 30)
    return fmt::format("an alignment of {} is none the kernel has: use 4k, 2m or 1g",
                       format_size(request.alignment));
  if (!space.holder.empty()) {
    const std::string& device = space.block.empty() ? space.character : space.block;
    return fmt::format("{} is in use: {} is {}; end that first", space.name,
                       device.empty() ? space.name : device, space.holder);
  }
  if (request.force) return "";
  if (!space.content.empty())
    return fmt::format(
        "{} carries data ({} on {}), which would be destroyed: force it if that is meant",
        space.name, space.content, space.block);
  if (space.block.empty())
    return fmt::format(
        "{} ({}) has no block device, so what it carries cannot be seen: force it if its content "
        "may be destroyed",
        space.name, space.character.empty() ? "disabled" : "device-dax");
  return "";
}

}  // namespace daxbreak
