// SPDX-License-Identifier: GPL-2.0
#include "trial/break_site.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "base/file.h"
#include "pmem/extents.h"

namespace daxbreak {

Result<void> BreakSite::make_file(const Layout& layout) {
  auto file = TrialFile::create(directory_, file_id_, file_id_, layout);
  if (!file) return file.error();
  file_.emplace(std::move(*file));
  if (memory_.hole) return file_->punch(layout.mapped_page);
  return ok();
}

Result<void> BreakSite::make_target(const Layout& layout) {
  if (breaker_.partner != Partner::none) {
    const bool same = breaker_.partner == Partner::same;
    auto partner =
        TrialFile::create(directory_, partner_id_, same ? file_id_ : partner_id_, layout);
    if (!partner) return partner.error();
    partner_.emplace(std::move(*partner));
  }
  if (!memory_.hole) {
    auto at = file_->physical(layout.page);
    if (!at) return at.error();
    pinned_physical_ = *at;
  }
  auto folder = open_file(directory_.path, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.error();
  folder_ = std::move(*folder);
  target_ = {.fd = file_->fd(),
             .file_size = layout.file_size,
             .offset = layout.broken.offset,
             .length = layout.broken.length,
             .directory = folder_.get(),
             .name = file_->path().filename(),
             .partner = partner_ ? partner_->fd() : -1,
             .partner_name = partner_ ? partner_->path().filename().string() : "",
             .other_owner = memory_.shared_extent ? file_->clone_fd() : -1,
             .mount_point = directory_.path,
             .device = directory_.device,
             .state = {}};
  if (breaker_.unnamed) {
    file_->unlink();
    target_.name.clear();
  }
  return ok();
}

Result<bool> BreakSite::lost_block() const {
  auto extents = file_extents(file_->fd());
  if (!extents) return extents.error();
  return !logical_offset(*extents, pinned_physical_).has_value();
}

bool BreakSite::emptied() const {
  if (file_->fd() < 0) return true;
  struct stat now {};
  return ::fstat(file_->fd(), &now) == 0 && now.st_size == 0;
}

void BreakSite::close() {
  file_->close();
  if (partner_) partner_->close();
  folder_.reset();
}

void BreakSite::remove() {
  file_->remove();
  partner_.reset();
}

}  // namespace daxbreak
