// SPDX-License-Identifier: GPL-2.0
#include "trial/isolation.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "pmem/extents.h"
#include "pmem/mapping.h"

namespace daxbreak {

Result<void> Isolation::mark_device(int device, std::size_t length) const {
  const std::unique_ptr<void, decltype(&std::free)> bytes(std::aligned_alloc(small_page, length),
                                                          &std::free);
  const std::span<std::byte> block(static_cast<std::byte*>(bytes.get()), length);
  fill_pattern(block, device_id_, 0);
  if (::pwrite(device, block.data(), block.size(), 0) != static_cast<ssize_t>(block.size()))
    return errno_error("fill the gate's device");
  return ok();
}

Result<bool> Isolation::mark_in_partner(const TrialFile& partner, std::uint64_t physical) {
  auto extents = file_extents(partner.fd());
  if (!extents) return extents.error();
  auto logical = logical_offset(*extents, physical);
  if (!logical) return false;
  if (auto put = write_pattern(partner.fd(), owner_id_, *logical, small_page); !put)
    return put.error();
  if (::fdatasync(partner.fd()) != 0) return errno_error("fdatasync the new owner");
  owner_ = Reuse{.fd = Fd(::fcntl(partner.fd(), F_DUPFD_CLOEXEC, 0)),
                 .path = partner.path(),
                 .logical = *logical};
  record_.stamp(EventKind::reused, static_cast<std::int64_t>(physical),
                partner.path().filename().string());
  return true;
}

Result<void> Isolation::take(const DaxDirectory& directory, std::uint64_t physical,
                             std::uint64_t freed, bool take_all) {
  auto taken = take_block(directory, physical, freed, take_all, owner_id_);
  if (!taken) return taken.error();
  if (!taken->has_value()) return ok();
  owner_ = std::move(*taken);
  record_.stamp(EventKind::reused, static_cast<std::int64_t>(physical),
                owner_->path.filename().string());
  return ok();
}

void Isolation::inspect(Pin& pin, PinFlow flow, std::uint64_t length) const {
  if (!owner_) return;
  const std::uint64_t before = length - small_page;  // the watched page is the last
  if (flow == PinFlow::from_page) {
    auto bytes = pin.received();
    if (!bytes || bytes->size() < length) return;
    const auto page = std::span(*bytes).subspan(before, small_page);
    record_.stamp(EventKind::content,
                  static_cast<std::int64_t>(count_pattern(page, owner_id_, owner_->logical)),
                  "pin");
    return;
  }
  std::vector<std::byte> block(small_page);
  const ssize_t got =
      ::pread(owner_->fd.get(), block.data(), block.size(), static_cast<off_t>(owner_->logical));
  if (got == static_cast<ssize_t>(block.size()))
    record_.stamp(EventKind::content,
                  static_cast<std::int64_t>(count_pattern(block, device_id_, before)), "block");
}

void Isolation::return_block() {
  if (owner_) give_back(std::move(*owner_));
  owner_.reset();
}

}  // namespace daxbreak
