// SPDX-License-Identifier: GPL-2.0
// Another process maps the device, faults the pinned page in, and unmaps it again: nothing is taken
// from the pin, so nothing may wait; and the counts must come out right.
#include <cerrno>

#include "pmem/mapping.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {
namespace {

int map_and_unmap(BreakTarget& target) {
  auto mapping = FileMapping::map_device(target.fd, target.file_size, target.length);
  if (!mapping) return mapping.error().number != 0 ? mapping.error().number : EIO;
  for (std::uint64_t at = 0; at < target.file_size; at += target.length)
    static_cast<void>(*reinterpret_cast<volatile std::byte*>(mapping->data() + at));
  const auto done = mapping->unmap();
  return done ? 0 : done.error().number;
}

const BreakerRegistry::Add registered{{
    .name = "device-remap",
    .help = "device-dax: a second process maps the pinned page and unmaps it; must not wait",
    .takes = Takes::no,
    .device_dax = true,
    .run = map_and_unmap,
}};

}  // namespace
}  // namespace daxbreak
