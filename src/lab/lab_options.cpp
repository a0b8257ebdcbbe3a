// SPDX-License-Identifier: GPL-2.0
#include "lab/lab_options.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace daxbreak {

std::string joined_parameters(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + " " + right;
}

Result<Accelerator> choose_accelerator(const LabOptions& options,
                                       const std::filesystem::path& temporary,
                                       const std::stop_token& stop) {
  if (options.accelerator != "auto")
    return Accelerator{.name = options.accelerator, .why = "asked for", .remembered = true};
  auto found = probe_accelerator({.vmlinuz = options.kernels.front().image.vmlinuz,
                                  .temporary = temporary,
                                  .cache = options.cache},
                                 stop);
  if (found && !found->remembered && options.events.note) options.events.note(found->why);
  return found;
}

Result<void> check_options(const LabOptions& options) {
  if (options.kernels.empty()) return Error{"no kernel to run"};
  if (auto fine = check_size(options.size); !fine) return fine;
  if (options.size.nvdimms == 0) return Error{"a lab needs at least one NVDIMM"};
  if (auto qemu = find_qemu(); !qemu) return qemu.error();
  constexpr std::string_view known[] = {"auto", "kvm", "tcg"};
  if (std::find(std::begin(known), std::end(known), options.accelerator) == std::end(known))
    return Error{"unknown accelerator \"" + options.accelerator + "\": auto, kvm or tcg"};
  return ok();
}

}  // namespace daxbreak
