// SPDX-License-Identifier: GPL-2.0
// What makes a cell senseless: one small predicate each, with the axes that it looks at.
#include <algorithm>
#include <array>

#include "job/sense.h"

namespace daxbreak {

bool can_wedge(const BreakerKind& breaker, const DisturberKind& disturber) {
  return breaker.can_wedge || (breaker.last_reference && disturber.pin_in_breaker);
}

namespace {

bool on_host(const KnownCell& of) {
  return of.cell.kernel == running_kernel;
}

bool on_device_dax(const KnownCell& of) {
  return of.cell.filesystem == device_dax_name;
}

bool on_device_memory(const KnownCell& of) {
  return device_memory_of(of.cell.filesystem) != DeviceMemory::none;
}

/// The range is not where the pinned page is.
bool beside(const KnownCell& of) {
  return of.cell.range != Cell{}.range;
}

bool is_huge(const KnownCell& of) {
  return of.cell.page_size > small_page;
}

bool exists_on(const std::vector<std::string_view>& filesystems, const std::string& name) {
  return filesystems.empty() ||
         std::find(filesystems.begin(), filesystems.end(), name) != filesystems.end();
}

/// The kernel faults the page in for writing when it takes the hold.
bool writes(const PinKind& pin) {
  return pin.writes_page || pin.flow == PinFlow::to_page;
}

/// It does something in or to the breaker's wait.
bool needs_wait(const DisturberKind& disturber) {
  return disturber.during || disturber.bystander || disturber.ends_breaker != EndsBreaker::no;
}

// The machine.

bool pin_shares_machine(const KnownCell& of) {
  return on_host(of) && of.pin.own_machine;
}
bool breaker_takes_filesystem(const KnownCell& of) {
  return on_host(of) && of.breaker.own_filesystem;
}
bool disturber_shares_machine(const KnownCell& of) {
  return on_host(of) && of.disturber.lab_only;
}

// What there is on a filesystem.

bool breaker_not_on_filesystem(const KnownCell& of) {
  return !exists_on(of.breaker.filesystems, of.cell.filesystem);
}
bool memory_not_on_filesystem(const KnownCell& of) {
  return !exists_on(of.memory.filesystems, of.cell.filesystem);
}
bool device_breaker_on_file(const KnownCell& of) {
  return of.breaker.device_dax && !on_device_dax(of);
}
bool file_breaker_on_device(const KnownCell& of) {
  return !of.breaker.device_dax && on_device_dax(of);
}
bool file_memory_on_device(const KnownCell& of) {
  return on_device_dax(of) && (!of.memory.how.shared || of.memory.hole || of.memory.shared_extent);
}
bool device_on_host(const KnownCell& of) {
  return on_host(of) && (on_device_dax(of) || on_device_memory(of));
}
bool device_memory_breaker_elsewhere(const KnownCell& of) {
  return of.breaker.device_memory != device_memory_of(of.cell.filesystem);
}
bool device_memory_pin_elsewhere(const KnownCell& of) {
  return of.pin.device_memory != on_device_memory(of);
}
bool device_memory_disturber_elsewhere(const KnownCell& of) {
  return on_device_memory(of) ? !of.disturber.device_memory && of.cell.disturber != Cell{}.disturber
                              : of.disturber.device_memory;
}
bool device_memory_is_anonymous(const KnownCell& of) {
  return on_device_memory(of) && of.cell.memory != Cell{}.memory;
}
bool device_memory_pages_are_small(const KnownCell& of) {
  return on_device_memory(of) && is_huge(of);
}
bool disturber_needs_file(const KnownCell& of) {
  return on_device_dax(of) && !of.disturber.device_dax;
}
/// mm/gup.c, check_vma_flags() and mm/memory.c, __access_remote_vm() refuse VM_IO alone, which a
/// device-dax mapping is not; but fs/exec.c's dump leaves out what has no swap or file behind it,
/// and a futex wants a page cache inode (kernel/futex/core.c, get_futex_key()).
bool pin_needs_file(const KnownCell& of) {
  return on_device_dax(of) && of.pin.file_only;
}
bool giant_page_of_file(const KnownCell& of) {
  return of.cell.page_size > huge_page && !on_device_dax(of);
}

// Pages.

bool disturber_wants_small(const KnownCell& of) {
  return of.disturber.small_pages_only && is_huge(of);
}
bool disturber_wants_huge(const KnownCell& of) {
  return of.disturber.huge_pages_only && !is_huge(of);
}
bool memory_wants_small(const KnownCell& of) {
  return of.memory.small_pages_only && is_huge(of);
}

// The broken range.

bool range_of_whole_file(const KnownCell& of) {
  return !of.breaker.ranged && beside(of);
}
bool no_pmd(const KnownCell& of) {
  return of.cell.range == "same-pmd" && !is_huge(of);
}
bool no_extent(const KnownCell& of) {
  return of.cell.range == "same-extent" && of.memory.hole;
}
/// Two files' ranges are exchanged or compared where both have some; and what can wedge a kernel is
/// not worth trying where it finds nothing.
bool nothing_beyond_eof(const KnownCell& of) {
  return of.cell.range == "beyond-eof" &&
         (of.breaker.needs_tail || of.breaker.partner != Partner::none || of.breaker.can_wedge);
}

// Pins that must be refused.

bool refused_is_disturbed(const KnownCell& of) {
  return !on_device_dax(of) && of.pin.must_be_refused && of.cell.disturber != Cell{}.disturber;
}
bool refused_beside_range(const KnownCell& of) {
  return of.pin.must_be_refused && beside(of);
}
/// The kernel asks the VMA where it comes to look (mm/gup.c, check_vma_flags(), vma_is_fsdax()),
/// but gup_fast() takes an anonymous page without ever looking at one.
bool copy_is_not_refused(const KnownCell& of) {
  return of.pin.must_be_refused && !of.memory.file_page;
}

// Gates.

bool gate_not_needed(const KnownCell& of) {
  return !of.pin.needs_gate && of.cell.gate != Cell{}.gate;
}

// What a pin does to its memory.

bool read_only_is_written(const KnownCell& of) {
  return writes(of.pin) && !of.memory.how.writable;
}
bool hole_is_written(const KnownCell& of) {
  return writes(of.pin) && of.memory.hole;
}
bool private_is_written(const KnownCell& of) {
  return writes(of.pin) && of.memory.file_page && !of.memory.how.shared;
}

bool private_is_not_shared(const KnownCell& of) {
  return of.pin.shared_only && !of.memory.how.shared;
}

// The file's last reference.

bool last_reference_is_mapped(const KnownCell& of) {
  return of.breaker.last_reference && !of.disturber.unmaps && !of.disturber.pin_in_breaker;
}
bool last_reference_is_pins(const KnownCell& of) {
  return of.breaker.last_reference && of.pin.keeps_file;
}
bool last_reference_to_copy(const KnownCell& of) {
  return of.breaker.last_reference && !of.memory.file_page;
}

// Pins that hold for moments.

bool moments_are_not_waited_for(const KnownCell& of) {
  return of.pin.transient && of.disturber.ends_breaker != EndsBreaker::no;
}
/// A shared futex lives on a page of a file or of anonymous memory (kernel/futex/core.c,
/// get_futex_key(): the zero page is neither, EFAULT).
bool moments_in_a_hole(const KnownCell& of) {
  return of.pin.transient && of.memory.hole;
}
bool moments_need_mapping(const KnownCell& of) {
  return of.pin.transient && of.disturber.unmaps;
}

/// Behind the file's end nobody gets a page again; elsewhere a hole is filled, and held, at once.
bool late_but_page_stays(const KnownCell& of) {
  return of.pin.late &&
         (!of.breaker.ends_file || of.breaker.last_reference || !of.memory.file_page);
}

// Disturbers.

bool breaker_cannot_hold(const KnownCell& of) {
  return of.disturber.pin_in_breaker &&
         (of.pin.needs_gate || of.pin.transient || of.pin.flavour != Flavour::get);
}
bool filesystem_goes(const KnownCell& of) {
  return of.disturber.writes_filesystem && of.breaker.own_filesystem;
}
bool nobody_else_owns(const KnownCell& of) {
  return of.disturber.needs_other_owner && !of.memory.clone_mapped;
}
bool never_returns(const KnownCell& of) {
  return of.breaker.ends_process && of.disturber.ends_breaker == EndsBreaker::interrupted;
}
bool nobody_waits(const KnownCell& of) {
  return !of.memory.file_page && needs_wait(of.disturber);
}

constexpr std::array rules = {
    SenseRule{"pin_shares_machine", axis_pin,
              "this pin uses what all processes share (network, mounts): runs in the lab only",
              pin_shares_machine},
    SenseRule{"breaker_takes_filesystem", axis_breaker,
              "this breaker concerns the whole filesystem: runs in the lab only",
              breaker_takes_filesystem},
    SenseRule{"disturber_shares_machine", axis_disturber,
              "this disturber concerns the whole machine: runs in the lab only",
              disturber_shares_machine},
    SenseRule{"breaker_not_on_filesystem", axis_filesystem | axis_breaker,
              "this filesystem has no such breaker", breaker_not_on_filesystem},
    SenseRule{"memory_not_on_filesystem", axis_filesystem | axis_memory,
              "this filesystem has no such memory", memory_not_on_filesystem},
    SenseRule{"device_breaker_on_file", axis_filesystem | axis_breaker,
              "this breaker is for device-dax alone", device_breaker_on_file},
    SenseRule{"file_breaker_on_device", axis_filesystem | axis_breaker,
              "device-dax has no file to break", file_breaker_on_device},
    SenseRule{"file_memory_on_device", axis_filesystem | axis_memory,
              "device-dax is mapped shared, and has neither holes nor extents",
              file_memory_on_device},
    SenseRule{"device_on_host", axis_filesystem,
              "devices are configured and written to at will: run in the lab only", device_on_host},
    SenseRule{"device_memory_breaker_elsewhere", axis_filesystem | axis_breaker,
              "memory that a device takes has breakers of its own, for each kind",
              device_memory_breaker_elsewhere},
    SenseRule{"device_memory_pin_elsewhere", axis_filesystem | axis_pin,
              "memory that a device takes is held by its device, and nothing else is",
              device_memory_pin_elsewhere},
    SenseRule{"device_memory_disturber_elsewhere", axis_filesystem | axis_disturber,
              "memory that a device takes has disturbers of its own, for it alone",
              device_memory_disturber_elsewhere},
    SenseRule{"device_memory_is_anonymous", axis_filesystem | axis_memory,
              "memory that a device takes is anonymous, of one kind", device_memory_is_anonymous},
    SenseRule{"device_memory_pages_are_small", axis_filesystem | axis_page_size,
              "pages that a device takes are of 4 KiB", device_memory_pages_are_small},
    SenseRule{"disturber_needs_file", axis_filesystem | axis_disturber,
              "this disturber needs a file, and device-dax has none", disturber_needs_file},
    SenseRule{"pin_needs_file", axis_filesystem | axis_pin,
              "this pin needs a file, and device-dax has none", pin_needs_file},
    SenseRule{"giant_page_of_file", axis_filesystem | axis_page_size,
              "only device-dax is mapped by pages of 1 GiB", giant_page_of_file},
    SenseRule{"disturber_wants_small", axis_page_size | axis_disturber,
              "this disturber needs a mapping by pages of 4 KiB", disturber_wants_small},
    SenseRule{"disturber_wants_huge", axis_page_size | axis_disturber,
              "this disturber needs a mapping by pages of 2 MiB", disturber_wants_huge},
    SenseRule{"memory_wants_small", axis_page_size | axis_memory,
              "this memory is always mapped by pages of 4 KiB", memory_wants_small},
    SenseRule{"range_of_whole_file", axis_breaker | axis_range,
              "this breaker concerns the whole file, so there is but one range",
              range_of_whole_file},
    SenseRule{"no_pmd", axis_page_size | axis_range,
              "a page of 4 KiB shares its mapping with no other", no_pmd},
    SenseRule{"no_extent", axis_memory | axis_range, "a hole is part of no extent", no_extent},
    SenseRule{"nothing_beyond_eof", axis_breaker | axis_range,
              "this breaker needs blocks, and behind the end of the file there are none",
              nothing_beyond_eof},
    SenseRule{"refused_is_disturbed", axis_filesystem | axis_pin | axis_disturber,
              "a refused pin holds nothing, so there is no wait to disturb", refused_is_disturbed},
    SenseRule{"refused_beside_range", axis_pin | axis_range,
              "a refused pin holds nothing, so it does not matter where the range lies",
              refused_beside_range},
    SenseRule{"copy_is_not_refused", axis_pin | axis_memory,
              "what is held is no page of the file: pinning it for long need not be refused",
              copy_is_not_refused},
    SenseRule{"gate_not_needed", axis_pin | axis_gate,
              "this pin needs no gate, so another gate changes nothing", gate_not_needed},
    SenseRule{"read_only_is_written", axis_pin | axis_memory,
              "this pin writes to its memory, which is mapped read-only", read_only_is_written},
    SenseRule{"hole_is_written", axis_pin | axis_memory,
              "this pin writes to its memory, and a hole that is written to is none any more",
              hole_is_written},
    SenseRule{"private_is_written", axis_pin | axis_memory,
              "this pin writes to its memory, and a private mapping makes a copy then",
              private_is_written},
    SenseRule{"private_is_not_shared", axis_pin | axis_memory, "this pin needs a shared mapping",
              private_is_not_shared},
    SenseRule{"last_reference_is_mapped", axis_breaker | axis_disturber,
              "this breaker means the file's last reference, and the mapping is one more",
              last_reference_is_mapped},
    SenseRule{"last_reference_is_pins", axis_pin | axis_breaker,
              "this pin maps the file itself, so the breaker's reference is not the last",
              last_reference_is_pins},
    SenseRule{"last_reference_to_copy", axis_breaker | axis_memory,
              "what is pinned is no page of the file, whose end need not wait for it",
              last_reference_to_copy},
    SenseRule{"moments_are_not_waited_for", axis_pin | axis_disturber,
              "a breaker need not wait for a pin that holds for moments, so no wait can be ended",
              moments_are_not_waited_for},
    SenseRule{"moments_in_a_hole", axis_pin | axis_memory,
              "the zero page is everybody's: that it is held for moments means nothing",
              moments_in_a_hole},
    SenseRule{"moments_need_mapping", axis_pin | axis_disturber,
              "a pin that is taken again and again needs the mapping", moments_need_mapping},
    SenseRule{"late_but_page_stays", axis_pin | axis_breaker | axis_memory,
              "a pin that comes late is told from one that comes afterwards by the end of the file",
              late_but_page_stays},
    SenseRule{"breaker_cannot_hold", axis_pin | axis_disturber,
              "the breaker can only hold a pin itself that lasts and that is no I/O",
              breaker_cannot_hold},
    SenseRule{"filesystem_goes", axis_breaker | axis_disturber,
              "this disturber writes to the filesystem, which this breaker ends or freezes",
              filesystem_goes},
    SenseRule{"nobody_else_owns", axis_memory | axis_disturber,
              "this disturber needs memory whose block another mapped file owns too",
              nobody_else_owns},
    SenseRule{"never_returns", axis_breaker | axis_disturber,
              "this breaker never returns, so no signal can make it return early", never_returns},
    SenseRule{"nobody_waits", axis_memory | axis_disturber,
              "nothing waits for memory that is no page of the file, so no wait can be disturbed",
              nobody_waits},
};

}  // namespace

std::span<const SenseRule> sense_rules() {
  return rules;
}

}  // namespace daxbreak
