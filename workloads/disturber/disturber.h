// SPDX-License-Identifier: GPL-2.0
/// What else happens around a layout break. One file per disturber; each registers itself.
#pragma once

#include <sys/types.h>

#include <any>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "base/registry.h"
#include "base/result.h"
#include "pmem/mapping.h"
#include "workloads/breaker/breaker.h"
#include "workloads/recipe.h"

namespace daxbreak {

/// What a disturber may touch.
struct Scene {
  FileMapping* mapping = nullptr;  ///< the trial's mapping of the file; stays valid throughout
  std::span<std::byte> pinned;     ///< the pinned part of it
  std::span<std::byte> neighbour;  ///< a page of the file besides it: of the same 2 MiB page where
                                   ///< the file is mapped by those, else of the same extent
  bool writable = true;            ///< the mapping has PROT_WRITE (MapHow::writable)
  pid_t breaker = -1;              ///< the process that breaks (or will)
  BreakTarget target;              ///< what it breaks
  std::any state;                  ///< what before() leaves for during() and after()
};

/// How a disturber ends the breaker's wait while the pin still holds, if it does.
enum class EndsBreaker {
  no,
  died,         ///< SIGKILL: the process is gone
  interrupted,  ///< a signal without SA_RESTART: the call returns EINTR
};

/// One kind of disturber. Absent functions do nothing.
struct DisturberKind {
  std::string_view name;  ///< as in a job file: "refault"
  std::string_view help;  ///< one line for `list disturbers`
  EndsBreaker ends_breaker = EndsBreaker::no;
  bool unmaps = false;          ///< drops the trial's mapping before the breaker starts
  bool pin_in_breaker = false;  ///< the pin is taken by the breaker's own task, which nobody but a
                                ///< signal can get out of its wait
  bool small_pages_only = false;   ///< makes sense for 4 KiB mappings alone ...
  bool huge_pages_only = false;    ///< ... or for 2 MiB ones
  bool writes_filesystem = false;  ///< all the time: not with breakers that end or freeze it
  bool needs_mapping = true;       ///< touches the mapping: not with breakers that need it gone
  bool device_dax = false;         ///< makes sense on device-dax too: needs no file
  bool device_memory = false;      ///< for memory that a device takes, alone
  bool needs_other_owner = false;  ///< wants memory whose block another mapped file owns too
  bool lab_only = false;           ///< concerns the whole machine (CPU hotplug, memory pressure)
  std::function<Result<void>(Scene&)> before;  ///< pinned, breaker not yet started
  std::function<Result<void>(Scene&)> during;  ///< breaker asleep
  /// Puts right what the disturber changed; always called at the end, also when before() or
  /// during() did not run or failed, and by the runner for a trial that was killed (with an empty
  /// scene): must find out by itself whether there is something to do.
  std::function<Result<void>(Scene&)> after;
  /// A second actor, in a process of its own that was forked before the mapping was made: begins
  /// while the breaker sleeps. 0, or errno. It has to come to its end within the deadline after the
  /// last release (finding `bystander-stuck`) ...
  std::function<int(BreakTarget&)> bystander;
  bool bystander_must_not_wait = false;  ///< ... or even before it (finding `bystander-blocked`)
  DisturberRecipe recipe;
};

using DisturberRegistry = Registry<DisturberKind>;

}  // namespace daxbreak
