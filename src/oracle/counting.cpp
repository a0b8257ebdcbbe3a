// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

std::vector<Finding> mismatch(const Timeline& timeline, const Scheme& scheme, const Event& event,
                              std::int32_t wanted, std::string_view state) {
  if (event.count == wanted) return {};
  Finding finding{.kind = "scheme-mismatch"};
  finding.sentence = fmt::format("{} page has count {}, where scheme {} says {}", state,
                                 event.count, scheme.name, wanted);
  finding.evidence = evidence(timeline, {&event, timeline.first(EventKind::pin_held)});
  return {finding};
}

}  // namespace

std::vector<Finding> counting(const Timeline& timeline, const Scheme& scheme) {
  if (!timeline.file_page) return {};  // a copy, or the zero page: counted as any other memory
  // One process maps the file; the breaker was forked before.
  const std::int32_t mapped = timeline.device ? scheme.device_idle + scheme.device_per_mapping
                                              : scheme.idle + scheme.per_entry + scheme.per_mapping;
  for (const Event* event : timeline.counts_at(moment::mapped))
    if (auto off = mismatch(timeline, scheme, *event, mapped, "a mapped"); !off.empty()) return off;
  const std::int32_t pin = !timeline.foll_pin  ? scheme.foll_get
                           : timeline.compound ? scheme.foll_pin_compound
                                               : scheme.foll_pin;
  // The pages of a compound folio share one count.
  const int references = timeline.references * (timeline.compound ? timeline.pinned_pages : 1);
  if (references == 0) return {};  // not known what this pin takes
  for (const Event* event : timeline.counts_at(moment::pinned))
    if (auto off =
            mismatch(timeline, scheme, *event, mapped + (pin * references), "a mapped and pinned");
        !off.empty())
      return off;
  return {};
}

}  // namespace daxbreak::oracle
