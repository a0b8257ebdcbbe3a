// SPDX-License-Identifier: GPL-2.0
/// Everything that is read out of the running kernel, opened once for a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kernel/census.h"
#include "kernel/log.h"
#include "kernel/observer.h"
#include "kernel/scheme.h"
#include "result/record.h"

namespace daxbreak {

/// The kernel under test as this process can see it. What is missing says why in `observer_gap`;
/// nothing missing stops a run, it only keeps verdicts from being a pass.
struct KernelView {
  Scheme scheme;
  std::string scheme_detected;  ///< what told it: "by the kernel's own parameter"
  bool odirect_is_foll_pin = false;
  std::optional<Observer> observer;
  std::optional<CensusReader> census;
  std::optional<KernelLog> log;
  std::string observer_gap;  ///< "" if observer, census and log are there

  /// Detects the scheme from the files in `directory` and opens what can be opened. An Error only
  /// if the scheme cannot be told: then no trial could be judged.
  [[nodiscard]] static Result<KernelView> open(const std::filesystem::path& directory);

  /// What goes into results about it.
  void describe(Environment& environment) const;
};

}  // namespace daxbreak
