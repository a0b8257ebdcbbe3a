// SPDX-License-Identifier: GPL-2.0
#include "run/kernel_view.h"

#include <sys/utsname.h>

#include <utility>

#include "base/file.h"

namespace daxbreak {

Result<KernelView> KernelView::open(const std::filesystem::path& directory) {
  auto schemes = load_schemes(directory);
  if (!schemes) return schemes.error();
  auto facts = read_kernel_facts(*schemes);
  if (!facts) return facts.error();
  auto scheme = detect_scheme(*schemes, *facts);
  if (!scheme) return scheme.error();

  KernelView view;
  view.scheme = std::move(*scheme);
  view.scheme_detected = detected_by(*facts);
  view.odirect_is_foll_pin = odirect_pins(view.scheme, *facts);
  const auto keep = [&view](auto opened, auto& place) {
    if (opened) {
      place.emplace(std::move(*opened));
    } else {
      if (!view.observer_gap.empty()) view.observer_gap += "; ";
      view.observer_gap += opened.error().message();
    }
  };
  keep(Observer::open(view.scheme), view.observer);
  keep(CensusReader::open(), view.census);
  keep(KernelLog::open(), view.log);
  return view;
}

void KernelView::describe(Environment& environment) const {
  utsname name{};
  if (::uname(&name) == 0) {
    environment.release = name.release;
    environment.version = name.version;
  }
  constexpr auto clock_source = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
  if (auto word = read_line(clock_source)) environment.clock_source = std::move(*word);
  environment.scheme = scheme.name;
  environment.scheme_title = scheme.title + ", " + scheme_detected;
  environment.observer = observer_gap;
  if (observer) environment.observer_missing = observer->missing();
}

}  // namespace daxbreak
