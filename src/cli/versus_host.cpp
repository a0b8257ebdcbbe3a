// SPDX-License-Identifier: GPL-2.0
#include "cli/versus_host.h"

#include <sys/utsname.h>

#include "cli/workplace.h"
#include "gate/null_blk.h"
#include "job/sense.h"

namespace daxbreak {
namespace {

Environment own_environment(const DaxDirectory& directory) {
  utsname name{};
  ::uname(&name);
  Environment environment;
  environment.kernel = running_kernel;
  environment.release = static_cast<const char*>(name.release);
  environment.version = static_cast<const char*>(name.version);
  environment.origin = "this machine";
  environment.accelerator = "none";
  environment.observer = "nothing is observed beside fio";
  environment.filesystems[directory.filesystem] =
      "DAX at " + directory.path.string() + " on " + directory.device;
  return environment;
}

}  // namespace

Result<RunRecord> versus_on_host(const std::string& directory, VersusPlan plan,
                                 Collector& collector, const std::stop_token& stop) {
  auto found = find_dax_directory(directory);
  if (!found) return found.error();
  auto workplace = Workplace::make(found->path);
  if (!workplace) return workplace.error();
  found->path = workplace->path();
  // Requests that complete at once: what is compared is the way to the device and back.
  auto block = NullBlk::make(Nanos::zero());
  if (block)
    plan.block = block->path();
  else
    plan.no_block = "no null_blk device: " + block.error().message();
  plan.kernel = running_kernel;
  plan.directory = *found;

  RunRecord record;
  record.environments.push_back(own_environment(*found));
  collector.environment(record.environments.back());
  VersusSink sink;
  sink.measure = [&](const MeasureRecord& measure) {
    collector.measure(measure);
    record.measures.push_back(measure);
  };
  sink.stage = [&](const std::string& stage) { collector.stage(plan.kernel, stage); };
  auto ran = run_versus(plan, sink, stop);
  if (!ran) return ran.error();
  return record;
}

}  // namespace daxbreak
