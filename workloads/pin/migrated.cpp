// SPDX-License-Identifier: GPL-2.0
// The page is on a device. Where the processor cannot read that (device-private) its place in the
// page table is taken by an entry of that name; where it can (device-coherent) the page table has
// the device's page itself. Either holds one reference (mm/migrate.c or mm/migrate_device.c,
// migrate_vma_insert_page(), remove_migration_ptes()).
#include <cerrno>

#include "pmem/private_device.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class Migrated : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    std::vector<std::byte> copy(target.memory.size());
    const Moved moved = PrivateMirror::of(target.device).to_device(target.memory, copy);
    if (moved.error != 0) return Error{"move the pages to the device", moved.error};
    return ok();
  }

  /// The breaker takes the pages back: there is nothing to give up.
  Result<void> release() override { return ok(); }

  Result<std::vector<std::byte>> received() override { return Error{"nothing moves", ENOTSUP}; }
};

PinKind kind(std::string_view name, std::string_view help, unsigned pages) {
  return {.name = name,
          .help = help,
          .pages = pages,
          .device_memory = true,
          .make = [] { return std::make_unique<Migrated>(); },
          .recipe = {.none = "it needs the kernel's test_hmm driver"}};
}

const PinRegistry::Add one{
    kind("migrated", "device memory: the test_hmm device has the page, until the breaker", 1)};
const PinRegistry::Add many{
    kind("migrated-x64", "device memory: the test_hmm device has 64 pages, until the breaker", 64)};

}  // namespace
}  // namespace daxbreak
