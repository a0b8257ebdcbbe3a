// SPDX-License-Identifier: GPL-2.0
#include "gate/stale.h"

#include "gate/dm_device.h"
#include "gate/name.h"
#include "gate/null_blk.h"

namespace daxbreak {
namespace {

bool stale(const std::string& name) {
  const auto creator = gate_creator(name);
  return creator && process_gone(*creator);
}

}  // namespace

Result<void> remove_stale_gates() {
  Result<void> first;
  const auto note = [&first](const Result<void>& done) {
    if (first && !done) first = done;
  };
  // Device-mapper first: its devices hold the disks, and with them the dying processes.
  for (const std::string& name : list_dm_gates()) {
    if (!stale(name)) continue;
    note(resume_dm(name));
    note(remove_dm(name));
  }
  for (const std::string& name : list_null_blk_gates())
    if (stale(name)) note(remove_null_blk(name));
  return first;
}

}  // namespace daxbreak
