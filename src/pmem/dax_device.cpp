// SPDX-License-Identifier: GPL-2.0
#include "pmem/dax_device.h"

#include <fmt/format.h>

#include <cerrno>

#include "pmem/namespaces.h"

namespace daxbreak {
namespace {

Result<DaxDevice> describe(const Namespace& space) {
  if (space.character.empty())
    return Error{fmt::format("{} has no device-dax node: its mode is {}", space.name, space.mode)};
  if (space.frames.count == 0)
    return Error{"the kernel shows where " + space.character + " lies to root only", EPERM};
  DaxDevice device{.node = space.character,
                   .bus = {},
                   .size = space.size,
                   .alignment = space.alignment,
                   .frames = space.frames};
  std::error_code failed;
  device.bus = std::filesystem::canonical(
      "/sys/bus/dax/devices" / std::filesystem::path(space.character).filename(), failed);
  if (failed) return Error{"find " + space.character + " on the dax bus", failed.value()};
  return device;
}

}  // namespace

Result<DaxDevice> find_dax_device(const std::string& namespace_name) {
  auto spaces = list_namespaces();
  if (!spaces) return spaces.error();
  for (const Namespace& space : *spaces)
    if (space.name == namespace_name) return describe(space);
  return Error{"there is no namespace \"" + namespace_name + "\"", ENODEV};
}

Result<DaxDevice> align_dax_device(const std::string& namespace_name, std::uint64_t alignment) {
  auto device = find_dax_device(namespace_name);
  if (!device || device->alignment == alignment) return device;
  auto made = configure_namespace(
      {.name = namespace_name, .mode = "devdax", .alignment = alignment, .force = true});
  if (!made) return made.error();
  return find_dax_device(namespace_name);
}

}  // namespace daxbreak
