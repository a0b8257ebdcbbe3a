// SPDX-License-Identifier: GPL-2.0
#include "run/live_probe.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "kernel/probe.h"
#include "pmem/mapping.h"
#include "trial/trial_file.h"

namespace daxbreak {
namespace {

struct Measured {
  std::int32_t idle = 0;
  std::int32_t mapped = 0;
  bool normal_page = false;  // pagemap's PM_FILE: an ordinary, counted mapping
};

Result<Measured> measure(const KernelView& view, const DaxDirectory& directory) {
  auto layout = layout_for({.page_size = small_page});
  if (!layout) return layout.error();
  const PatternId owner{.owner = std::numeric_limits<std::uint32_t>::max()};
  auto file = TrialFile::create(directory, owner, owner, *layout);
  if (!file) return file.error();
  auto probed = file->frame(layout->page);
  if (!probed) return probed.error();
  const std::array<Pfn, 1> frame{*probed};
  auto idle = view.census->read(frame);
  if (!idle) return idle.error();
  auto mapping = FileMapping::map(file->fd(), small_page);
  if (!mapping) return mapping.error();
  auto* const page = reinterpret_cast<volatile std::byte*>(mapping->data() + layout->page);
  *page = *page;
  auto mapped = view.census->read(frame);
  if (!mapped) return mapped.error();
  auto entry = pagemap_entry(mapping->data() + layout->page);
  if (!entry) return entry.error();
  return Measured{.idle = idle->front().refcount,
                  .mapped = mapped->front().refcount,
                  .normal_page = entry->file};
}

}  // namespace

std::string probe_live(const KernelView& view, const DaxDirectory& directory) {
  if (!view.census) return "not probed live: " + view.observer_gap;
  auto measured = measure(view, directory);
  if (!measured) return "not probed live: " + measured.error().message();
  const Scheme& scheme = view.scheme;
  const bool agrees = measured->idle == scheme.idle &&
                      measured->mapped == scheme.idle + scheme.per_entry + scheme.per_mapping &&
                      measured->normal_page == (scheme.per_mapping > 0);
  return fmt::format("measured idle {}, mapped {}, pagemap's file bit {}: {}", measured->idle,
                     measured->mapped, measured->normal_page ? 1 : 0,
                     agrees ? "as the scheme says" : "NOT as the scheme says");
}

}  // namespace daxbreak
