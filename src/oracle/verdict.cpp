// SPDX-License-Identifier: GPL-2.0
#include "oracle/verdict.h"

namespace daxbreak {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "fail";
    case Outcome::skip:
      return "skip";
    case Outcome::inconclusive:
      return "inconclusive";
  }
  return "unknown";
}

const std::vector<FindingKind>& finding_kinds() {
  static const std::vector<FindingKind> kinds{
      {"early-break", "exclusion",
       "the breaker gave blocks away while a pin still held their page"},
      {"lost-wakeup", "liveness", "the page became idle and nobody woke the breaker"},
      {"stuck", "liveness",
       "the last pin was released, but for the waiter the page never became idle"},
      {"leak", "isolation", "a pin showed the data of the file that owns the block now"},
      {"stray-write", "isolation", "I/O through a pin wrote into the file that owns the block now"},
      {"count-drift", "conservation", "pages did not return to the scheme's idle count"},
      {"scheme-mismatch", "conservation", "a page's count is not what the scheme says it must be"},
      {"corruption", "isolation",
       "memory that a device had taken came back with other bytes than were stored"},
      {"count-overwritten", "conservation",
       "a device's page was handed out before its last owner was done with its count"},
      {"moved-while-held", "exclusion", "a page that somebody held was moved to or from a device"},
      {"freed-while-held", "exclusion",
       "a device's page was handed out again while somebody still held it"},
      {"longterm-on-device", "refusal",
       "a long-term pin of a device's page was granted without moving it to ordinary memory"},
      {"moved-unasked", "interface",
       "pages of device-coherent memory left the device though nothing asked for that"},
      {"refusal-unsaid", "interface", "pages stayed where they were and the driver was not told"},
      {"unkillable", "killable", "SIGKILL did not end a waiting breaker"},
      {"spin", "killable", "the breaker burnt CPU instead of sleeping"},
      {"longterm-pin", "refusal", "a long-term pin of an fsdax page was granted"},
      {"pin-refused", "refusal",
       "no reference could be taken of a page of the file that was mapped and read"},
      {"not-flushed", "durability",
       "a page outside the broken range was fsynced, but the kernel never flushed it"},
      {"bystander-blocked", "bystanders",
       "somebody who needs nothing that the breaker holds had to wait"},
      {"bystander-stuck", "bystanders", "somebody who waited for the breaker did not end after it"},
      {"internal-errno", "interface", "an errno of the kernel's own reached user space"},
      {"kernel-warning", "quiet kernel", "the kernel logged a warning during the trial"},
      {"kernel-oops", "quiet kernel", "the kernel logged an oops, a BUG or a lockup"},
      {"panic", "quiet kernel", "the kernel died during the trial"},
      {"silence", "quiet kernel", "the machine stopped answering during the trial"},
      {"wedge", "killable", "a task of the trial is stuck in the kernel and cannot be killed"},
      {"hang", "liveness", "the trial did not come to its end and had to be killed"},
  };
  return kinds;
}

}  // namespace daxbreak
