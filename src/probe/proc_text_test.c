#include "probe/proc_text.h"

#include "tap.h"

#define TAIL                                                                                       \
    " S 7 8 9 0 -1 4194304 108 20 3 4 50 60 70 80 20 -5 12 0 308199 3133440 389 "                  \
    "18446744073709551615"

typedef struct StatRow {
    const char *why, *text, *name; /* name NULL: refused */
} StatRow;

static const StatRow stat_rows[] = {
    { "plain name", "42 (cat)" TAIL, "cat" },
    { "blanks", "42 (Web Content)" TAIL, "Web Content" },
    { "parentheses", "42 ((sd-pam))" TAIL, "(sd-pam)" },
    { "looks like the end of the name", "42 (a) R 1 2)" TAIL, "a) R 1 2" },
    { "newlines", "42 (a\nb) R 1\n)" TAIL "\n", "a\nb) R 1\n" },
    { "empty name", "42 ()" TAIL, "" },
    { "nothing", "", NULL },
    { "no name", "42 cat" TAIL, NULL },
    { "no closing", "42 (cat", NULL },
    { "cut within the numbers", "42 (cat) S 7 8 9 0 -1 4194304 108 20", NULL },
    { "no number", "42 (cat) S x 8 9 0 -1 4194304 108 20 3 4 50 60 70 80 20 0 12 0 1", NULL },
    { "too large", "42 (cat) S 99999999999 8 9 0 -1 4194304 108 20 3 4 50 60 70 80 20 0 12 0 1",
      NULL },
    { "long state", "42 (cat) SS 7 8 9 0 -1 4194304 108 20 3 4 50 60 70 80 20 0 12 0 1", NULL },
};

static void test_stat(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(stat_rows); i++) {
        const StatRow *row = &stat_rows[i];
        ProcStat s = { 0 };
        bool taken = proc_parse_stat(str(row->text), &s) == 0;
        CHECK(taken == (row->name != NULL), "stat: %s", row->why);
        if (taken)
            CHECK(str_eqz(s.name, row->name), "stat: %s: name", row->why);
    }
    ProcStat s = { 0 };
    CHECK(proc_parse_stat(str(stat_rows[3].text), &s) == 0, "stat: a tricky name");
    CHECK(s.pid == 42 && s.ppid == 7 && s.state == 'S', "stat: who");
    CHECK(s.minor_faults == 108 && s.waited_minor_faults == 20 && s.major_faults == 3 &&
              s.waited_major_faults == 4,
          "stat: faults");
    CHECK(s.user_ticks == 50 && s.system_ticks == 60 && s.waited_user_ticks == 70 &&
              s.waited_system_ticks == 80,
          "stat: ticks");
    CHECK(s.n_threads == 12 && s.start_ticks == 308199, "stat: threads and start");
}

static void test_small_texts(void)
{
    uint64_t n = 7;
    ProcIo io;
    ProcStatus status;
    CHECK(proc_parse_statm(STR("765 434 405 5 0 123 0\n"), &n) == 0 && n == 434, "statm");
    CHECK(proc_parse_statm(STR("765"), &n) < 0 && n == 434, "statm: cut");
    CHECK(proc_parse_statm(STR("765 18446744073709551616 1"), &n) < 0, "statm: does not fit");
    CHECK(proc_parse_io(STR("rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\n"
                            "cancelled_write_bytes: 1\n"),
                        &io) == 0 &&
              io.read_bytes == 4096 && io.write_bytes == 8192,
          "io");
    CHECK(proc_parse_io(STR("rchar: 1\nwchar: 2\n"), &io) < 0, "io: lines missing");
    CHECK(proc_parse_status(STR("Name:\ta b\nVmHWM:\t    1780 kB\nvoluntary_ctxt_switches:\t3\n"
                                "nonvoluntary_ctxt_switches:\t4\n"),
                            &status) == 0 &&
              str_eqz(status.name, "a b") && status.has_peak &&
              status.rss_peak_bytes == 1780 * 1024 && status.switches_waited == 3 &&
              status.switches_forced == 4,
          "status");
    CHECK(proc_parse_status(STR("Name:\tz\nvoluntary_ctxt_switches:\t3\n"
                                "nonvoluntary_ctxt_switches:\t4\n"),
                            &status) == 0 &&
              !status.has_peak,
          "status: of a process that ended");
    CHECK(proc_parse_status(STR("Name:\tz\n"), &status) < 0, "status: cut");
}

static void test_children(void)
{
    Str list = STR("12 345 6 \n");
    int pid, sum = 0, n = 0;
    while (proc_next_pid(&list, &pid)) {
        sum += pid;
        n++;
    }
    CHECK(n == 3 && sum == 363, "children: three");
    list = STR("");
    CHECK(!proc_next_pid(&list, &pid), "children: none");
    list = STR("12x 3");
    CHECK(!proc_next_pid(&list, &pid), "children: no list of numbers");
}

static void test_host(void)
{
    HostCpu c;
    HostLoad l;
    uint64_t us;
    CHECK(host_parse_cpu(STR("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3\n"), &c) == 0 && c.user == 3 &&
              c.system == 3 && c.irq == 13 && c.idle == 4 && c.iowait == 5 && c.steal == 8,
          "cpu");
    CHECK(host_parse_cpu(STR("cpu  1 2 3 4\n"), &c) < 0, "cpu: no steal, no figures");
    CHECK(host_parse_loadavg(STR("0.68 0.53 0.36 3/95 14057\n"), &l) == 0 && l.runnable == 3 &&
              l.last_pid == 14057,
          "loadavg");
    CHECK(host_parse_loadavg(STR("0.68 0.53 0.36 395 14057\n"), &l) < 0, "loadavg: no slash");
    CHECK(host_parse_pressure(STR("some avg10=6.13 avg60=3.63 avg300=4.49 total=63488570\n"
                                  "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"),
                              &us) == 0 &&
              us == 63488570,
          "pressure");
    CHECK(host_parse_pressure(STR("full avg10=0.00 total=1\n"), &us) < 0, "pressure: none");
}

#define NET_HEAD                                                                                   \
    "Inter-|   Receive                                                |  Transmit\n"               \
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"

static void test_net(void)
{
    HostNet n;
    CHECK(host_parse_net(STR(NET_HEAD "    lo: 30 3 0 0 0 0 0 0 30 3 0 0 0 0 0 0\n"
                                      "  eth0:100 10 0 0 0 0 0 0 200 20 0 0 0 0 0 0\n"
                                      "  a:b.7: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"),
                         &n) < 0,
          "net: a colon in a name is refused, not misread");
    CHECK(host_parse_net(STR(NET_HEAD "    lo: 30 3 0 0 0 0 0 0 30 3 0 0 0 0 0 0\n"
                                      "  eth0:100 10 0 0 0 0 0 0 200 20 0 0 0 0 0 0\n"
                                      "  wg0: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"),
                         &n) == 0 &&
              n.lo_bytes == 30 && n.lo_packets == 3 && n.in_bytes == 101 && n.out_bytes == 202 &&
              n.in_packets == 11 && n.out_packets == 22,
          "net: loopback and the others");
    CHECK(host_parse_net(STR(NET_HEAD), &n) == 0 && n.in_bytes == 0, "net: no interface");
    CHECK(host_parse_net(STR("eth0: 1 2"), &n) < 0, "net: no headings");

    uint64_t again;
    CHECK(host_parse_retransmits(STR("Ip: Forwarding\nIp: 2\nTcp: RtoAlgorithm MaxConn "
                                     "RetransSegs InErrs\nTcp: 1 -1 17 0\nUdp: X\nUdp: 1\n"),
                                 &again) == 0 &&
              again == 17,
          "snmp");
    CHECK(host_parse_retransmits(STR("Tcp: RtoAlgorithm MaxConn\nTcp: 1 -1\n"), &again) < 0,
          "snmp: no such column");
    CHECK(host_parse_retransmits(STR("Tcp: RtoAlgorithm RetransSegs\nTcp: 1\n"), &again) < 0,
          "snmp: values cut");
}

static void test_disks(void)
{
    static const char text[] = "   7       0 loop0 1 1 8 1 1 1 8 1 0 0 0\n"
                               " 254       0 vda 158664 14909 1000 213992 24295 23954 300 1 0 1 2\n"
                               " 254       1 vda1 1 1 999 1 1 1 999 1 0 1 2\n"
                               "   8       0 sda 1 1 2 1 1 1 3 1 0 1 2\n";
    HostDisk d;
    CHECK(host_parse_disks(str(text), STR("vda sda "), &d) == 0 && d.read_bytes == 1002 * 512 &&
              d.write_bytes == 303 * 512,
          "disks: two of them, without partitions");
    CHECK(host_parse_disks(str(text), STR("nvme0n1 "), &d) < 0, "disks: not there");
    CHECK(host_parse_disks(str(text), STR(""), &d) < 0, "disks: none wanted");
}

int main(void)
{
    test_stat();
    test_small_texts();
    test_children();
    test_host();
    test_net();
    test_disks();
    return tap_done();
}
