# SPDX-License-Identifier: Apache-2.0
# make demo, make test: the two to start with. make help names the others.

CC         ?= cc
PROVE      ?= prove
B          ?= build
JOBS       ?= 10
FUZZ_SECONDS ?= 60
CFLAGS     ?= -O2 -g -fstack-protector-strong -U_FORTIFY_SOURCE \
              -D_FORTIFY_SOURCE=2
LDFLAGS    ?= -Wl,-z,relro,-z,now
SANITIZE   ?=

# What apxs knows is asked for when it is first needed, and once: on a fresh
# machine it comes with `make demo`. It answers one variable a call.
APXS       ?= $(eval APXS := $(shell command -v apxs || command -v apxs2 || \
                  echo apxs))$(APXS)
apxs_q      = $(shell $(APXS) -q $(1))
APR_CFLAGS  = $(eval APR_CFLAGS := $(call apxs_q,EXTRA_CPPFLAGS) \
                  $(addprefix -isystem ,$(call apxs_q,APR_INCLUDEDIR) \
                  $(call apxs_q,APU_INCLUDEDIR)))$(APR_CFLAGS)
HTTPD_CFLAGS = $(eval HTTPD_CFLAGS := $(APR_CFLAGS) \
                  -isystem $(call apxs_q,INCLUDEDIR))$(HTTPD_CFLAGS)
APR_LIBS    = $(eval APR_LIBS := \
                  $(shell $(call apxs_q,APU_CONFIG) --link-ld --libs) \
                  $(shell $(call apxs_q,APR_CONFIG) --link-ld --libs))$(APR_LIBS)
INCLUDEDIR  = $(eval INCLUDEDIR := $(call apxs_q,INCLUDEDIR))$(INCLUDEDIR)
LIBEXECDIR  = $(eval LIBEXECDIR := $(call apxs_q,LIBEXECDIR))$(LIBEXECDIR)

# Reads the JSON in which django-ca says where its own keys are; without it the
# module does all but that.
JANSSON     = $(eval JANSSON := $(shell $(CC) -E -include jansson.h - \
                  </dev/null >/dev/null 2>&1 && echo yes))$(JANSSON)

WARNINGS    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
              -Wformat=2 -Wpointer-arith -Wwrite-strings -Wvla
override CPPFLAGS += -I. -Iresponder
ALL_CFLAGS  = -std=gnu99 -fPIC -fvisibility=hidden $(WARNINGS) $(SANITIZE) \
              $(CFLAGS)

# The parts that need only APR and libcrypto, and the ones that know httpd.
PURE  = base/hex base/json base/text_hash ocsp/request ocsp/get_path \
        ocsp/key_file ocsp/key_engine ocsp/key_uri ocsp/passphrase \
        ocsp/token_reasons ocsp/token_uri base/secret \
        ocsp/certificate ocsp/expiry ocsp/issuer ocsp/signer ocsp/signer_path \
        ocsp/unreadable ocsp/signing ocsp/response ocsp/response_times \
        ocsp/dual_certid db/dialect db/placeholder db/result db/breaker \
        db/executor db/kept db/lineage db/slow_queries serve/task source/django_ca/columns \
        base/deadline base/waiting base/places source/django_ca/objection \
        source/django_ca/schema source/django_ca/select \
        source/django_ca/spellings ocsp/serial ocsp/ca_name \
        source/django_ca/rows source/django_ca/status_rows ocsp/owned \
        ocsp/stored_response ocsp/crl_reason base/calendar base/zone \
        base/asn1_time base/serial_map base/snapshot base/file_stamp \
        base/shared_copies base/file_bytes base/watched_file base/instances \
        base/log_limit httpd/counters source/index/index_row source/index/index_file \
        source/crl/revocation_list source/crl/crl_extension \
        source/crl/crl_file source/crl/crl_signature source/crl/crl_signers \
        source/crl/crl_view source/crl/crl_pairs \
        source/table/table_description source/table/table_ca \
        source/table/table_named source/table/table_value \
        source/table/table_json source/table/table_query \
        source/table/table_spelling \
        source/table/table_question source/table/table_row \
        source/table/table_sample
ALL   = $(patsubst responder/%.c,%,$(wildcard responder/*.c responder/*/*.c responder/*/*/*.c))
HTTPD = $(filter-out $(PURE),$(ALL))

PURE_O   = $(PURE:%=$(B)/responder/%.o)
HTTPD_O  = $(HTTPD:%=$(B)/responder/%.o) $(B)/mod_ocsp_responder.o
MODULE   = $(B)/mod_ocsp_responder.so
CORE     = $(B)/libresponder.a
UNIT     = $(patsubst t/unit/%.c,$(B)/t/unit/%.t,$(wildcard t/unit/*.c))
FUZZ     = $(patsubst t/fuzz/%.c,%,$(filter-out t/fuzz/standalone.c,$(wildcard t/fuzz/*.c)))
REPLAY   = $(FUZZ:%=$(B)/t/fuzz/%) $(FUZZ:%=$(B)/t/fuzz/%.t)
PROGRAMS = $(UNIT) $(REPLAY)

all: $(MODULE) ## build the module

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | \
	    expand -t 20

# -- to build ------------------------------------------------------------------

$(MODULE): $(HTTPD_O) $(CORE)
	$(CC) -shared $(SANITIZE) $(LDFLAGS) -o $@ $(HTTPD_O) $(CORE) -lcrypto \
	    $(if $(JANSSON),-ljansson)

$(CORE): $(PURE_O)
	rm -f $@
	$(AR) rcs $@ $(PURE_O)

$(PURE_O): $(B)/%.o: %.c | tools
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(HTTPD_O): $(B)/%.o: %.c | tools
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(HTTPD_CFLAGS) $(ALL_CFLAGS) \
	    $(if $(JANSSON),-DHAVE_JANSSON) -MMD -MP -c -o $@ $<

$(B)/t/unit/%.t: t/unit/%.c t/unit/tap.h $(CORE)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(CORE) \
	    $(LDFLAGS) $(APR_LIBS) -lcrypto

$(B)/t/fuzz/%: t/fuzz/%.c t/fuzz/standalone.c $(CORE)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< \
	    t/fuzz/standalone.c $(CORE) $(LDFLAGS) $(APR_LIBS) -lcrypto

$(B)/t/fuzz/%.t: $(B)/t/fuzz/%
	@printf '#!/bin/sh\nexec %s t/fuzz/corpus/%s\n' $< $* >$@
	@chmod +x $@

$(B)/libfuzzer/%: t/fuzz/%.c $(CORE)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< \
	    $(CORE) $(LDFLAGS) $(APR_LIBS) -lcrypto

tools:
	@command -v $(APXS) >/dev/null || { echo "make: there is no apxs: install" \
	    "apache2-dev (Debian, Alpine) or httpd-devel (Fedora), or set APXS" >&2; \
	    exit 1; }
	@$(CC) -E $(CPPFLAGS) -include base/requires.h - </dev/null >/dev/null

-include $(wildcard $(B)/*.d $(B)/responder/*.d $(B)/responder/*/*.d $(B)/responder/*/*/*.d $(B)/t/*/*.d)

# -- to see it work ------------------------------------------------------------

demo: ## install what is missing, build, ask a demo responder, clean up
	@t/lib/needs demo
	@$(MAKE) -s all
	@MODULE=$(MODULE) t/demo

serve: ## the same, and keep the demo running until Ctrl-C
	@t/lib/needs demo
	@$(MAKE) -s all
	@MODULE=$(MODULE) t/demo serve

# -- to test -------------------------------------------------------------------

# More at a time than cores, as tests wait more than they work (JOBS).
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

test: ## install what is missing, build, run every test
	@t/lib/needs test
	@$(MAKE) --no-print-directory $(jobs) check

# Functional, unit and fuzz tests are run once, with sanitizers, which find all
# that they find without, and more. What they leave out, and all other tests, are
# run with the module as it is installed. The sanitizers are gcc's; httpd is built
# without, and has their library loaded before it. What is compiled for them is
# not optimized, which takes longer than it saves. What is done every hour is done
# every ten seconds there (responder/base/intervals.h).
ASAN_B   = $(B)/asan
ASAN     = CC=gcc B=$(ASAN_B) CFLAGS='-O0 -g1 -DSHORT_INTERVALS' \
           SANITIZE='-fsanitize=address,undefined -fno-omit-frame-pointer'
ASAN_LIB = $(shell gcc -print-file-name=libasan.so)
# What measures, or cannot be done with sanitizers, or says nothing about the
# module's memory.
NO_ASAN  = $(patsubst %,t/functional/%.t,39-cost 41-clock 70-valgrind 77-debian \
           87-index-calls 98-version)
# What does less with sanitizers is done without them, too.
PLAIN    = $(NO_ASAN) $(filter-out $(NO_ASAN),$(shell grep -l SAN_PRELOAD \
           t/functional/*.t))
ASAN_T   = $(patsubst %,$(ASAN_B)/%,$(filter-out $(NO_ASAN),$(wildcard \
           t/functional/*.t)))
QUICK    = $(wildcard t/guard/*.t) t/soak/history.t t/torture/torture.t \
           t/fuzz/http.t
UNIT_T   = $(UNIT) $(FUZZ:%=$(B)/t/fuzz/%.t)
SUITES   = $(foreach suite,outage sources engines compat cohost clients package,\
           $(wildcard t/$(suite)/*.t))
# What weighs memory, which AddressSanitizer keeps.
WEIGHED  = $(B)/t/unit/task.t $(B)/t/unit/executor.t
EACH     = $(SUITES) $(ASAN_T) $(PLAIN) $(UNIT_T:$(B)/%=$(ASAN_B)/%) $(WEIGHED)
# Those that take longest come first, so that none of them runs alone at the end.
SLOWEST  = package/image package/deb compat/rotation functional/86-token \
           outage/servers functional/70-valgrind engines/functional-% \
           sources/wire compat/fixture_% functional/84-files-change \
           functional/82-rotation functional/96-health compat/django_ca-% \
           cohost/% functional/92-cache-hangs functional/81-auto \
           functional/54-expiry sources/large outage/vanished engines/tables \
           functional/88-files-attacked functional/40-failure \
           engines/connections functional/88-storage-hangs functional/87-index \
           functional/80-all-cas functional/83-store clients/chromium
FIRST    = $(foreach name,$(SLOWEST),$(filter t/$(name).t $(ASAN_B)/t/$(name).t,\
           $(EACH)))
TESTS    = $(QUICK) $(MORE_TESTS) $(FIRST) $(filter-out $(FIRST),$(EACH))

prove = APXS='$(APXS)' B=$(B) MODULE='$(abspath $(MODULE))' CC='$(CC)' \
    $(PROVE) -j$(JOBS) --exec t/lib/run $(PROVEFLAGS)

check: all asan $(ASAN_T) $(WEIGHED) ## build and run every test, install nothing
	@$(prove) $(TESTS)

# Where OpenSSL has ML-DSA, as in the next Debian, it is tested there.
WIRE = $(wildcard t/functional/[1-3]*.t) t/functional/87-post-quantum.t

wire: ## install what is missing, build, run guard, unit and wire tests alone
	@t/lib/needs wire
	@$(MAKE) --no-print-directory $(jobs) check-wire

check-wire: all $(PROGRAMS)
	@$(prove) $(QUICK) $(UNIT_T) $(WIRE)

SOURCES ?= all
test-sources: all ## every wire test on every other source (SOURCES), engine (ENGINES)
	@t/lib/needs test
	@SOURCES='$(SOURCES)' $(prove) t/sources/wire.t t/sources/cases.t \
	    $(wildcard t/engines/functional-*.t)

test-on: ## test-on SUITE [ARCH]: GOAL (test) in a fresh Debian of that name
	@t/test-on $(or $(filter-out test-on,$(MAKECMDGOALS)),$(SUITE) $(ARCH)) \
	    -- $(or $(GOAL),test)

# So that the words behind it are no goals of their own.
ifeq (test-on,$(firstword $(MAKECMDGOALS)))
$(filter-out test-on,$(MAKECMDGOALS)): test-on
	@:
endif

COVERAGE_B = $(B)/coverage
COVERED    = $(UNIT_T:$(B)/%=$(COVERAGE_B)/%) \
             $(wildcard t/outage/*.t t/engines/[a-eg-z]*.t t/functional/*.t)

# What the tests reach, with a floor. httpd's children write it down when they
# end, as the user they run as. A test that fails is for `make test` to tell.
coverage: ## build and run the tests, count the lines and branches they reach
	@rm -rf $(COVERAGE_B)
	@mkdir -p $(COVERAGE_B)
	@gcc -c -o $(COVERAGE_B)/exit.o t/lib/exit.c
	@$(MAKE) --no-print-directory $(jobs) CC=gcc B=$(COVERAGE_B) \
	    CFLAGS='-O0 -g' LDFLAGS='-Wl,--wrap=_exit $(COVERAGE_B)/exit.o' \
	    SANITIZE='--coverage -fprofile-update=atomic' all programs
	@find $(COVERAGE_B) -type d -exec chmod a+rwx {} +
	-@umask 0; APXS='$(APXS)' B=$(COVERAGE_B) CC=gcc \
	    MODULE='$(abspath $(COVERAGE_B)/mod_ocsp_responder.so)' \
	    $(PROVE) -j$(JOBS) --exec t/lib/run $(PROVEFLAGS) $(COVERED)
	@gcovr --root . --filter responder/ --filter mod_ocsp_responder.c \
	    --exclude-unreachable-branches --print-summary \
	    --txt $(COVERAGE_B)/coverage.txt --html-details \
	    $(COVERAGE_B)/coverage.html --fail-under-line $(FLOOR_LINES) \
	    --fail-under-branch $(FLOOR_BRANCHES) $(COVERAGE_B)
FLOOR_LINES    = 92
FLOOR_BRANCHES = 82

unit: $(PROGRAMS) ## the tests that need no server
	@$(PROVE) --exec t/lib/run $(UNIT_T)

asan:
	@$(MAKE) --no-print-directory $(ASAN) all programs

programs: $(PROGRAMS)

objects: $(PURE_O) $(HTTPD_O)

$(ASAN_B)/t/functional/%.t: t/functional/%.t
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nMODULE=%s SAN_PRELOAD=%s exec t/lib/run %s\n' \
	    $(ASAN_B)/mod_ocsp_responder.so $(ASAN_LIB) $< >$@
	@chmod +x $@

FUZZ_B = $(B)/fuzz

fuzz: ## search for new failures, FUZZ_SECONDS (60) for each target
	@$(MAKE) --no-print-directory CC=clang B=$(FUZZ_B) CFLAGS='-O1 -g' \
	    SANITIZE='-fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all' $(FUZZ:%=$(FUZZ_B)/libfuzzer/%)
	@$(MAKE) --no-print-directory $(ASAN) all
	@SAN_PRELOAD=$(ASAN_LIB) MODULE='$(abspath $(ASAN_B))/mod_ocsp_responder.so' \
	    t/fuzz/run $(FUZZ_B) $(FUZZ_SECONDS) $(FUZZ) http

PROOFS = $(filter-out t/prove/pools.c,$(wildcard t/prove/*.c))

prove-c: ## what CBMC proves of those who read foreign bytes
	@t/lib/needs prove
	@$(MAKE) --no-print-directory check-c

# By itself, as what apxs says is not known before it is installed.
check-c:
	@CFLAGS='$(APR_CFLAGS)' t/prove/run $(PROOFS)

soak: ## prove that each answer was true, under load and outages, SOAK_SECONDS (300)
	@t/lib/needs test
	@$(MAKE) -s all
	@MODULE='$(abspath $(MODULE))' $(PROVE) -v --exec t/lib/run t/soak/soak.t

hostile: ## true requests beside HOSTILE_SLOW (2000) slow clients and floods
	@t/lib/needs test
	@$(MAKE) -s all
	@MODULE='$(abspath $(MODULE))' $(PROVE) -v --exec t/lib/run t/soak/hostile.t

rotations: ## replace keys ROTATIONS (100) times under load, and weigh a child
	@t/lib/needs test
	@$(MAKE) -s all
	@MODULE='$(abspath $(MODULE))' $(PROVE) -v --exec t/lib/run \
	    t/soak/rotations.t

# httpd is built without ThreadSanitizer, which is loaded before it; so is what
# tells it of APR's atomic operations.
TSAN_B   = $(B)/tsan
TSAN_LIB = $(shell gcc -print-file-name=libtsan.so) \
           $(abspath $(TSAN_B))/atomics.so
TSAN_T   = $(patsubst %,t/functional/%.t,36-cache 37-changed 38-connections \
           40-failure 80-all-cas 82-rotation 84-files-change 85-presigned \
           86-source 87-index 88-crl 89-table 90-cache 95-status 96-health) \
           t/engines/kept.t

tsan: ## look for data races, under httpd and without
	@t/lib/needs test
	@$(MAKE) --no-print-directory CC=gcc B=$(TSAN_B) CFLAGS='-O1 -g' \
	    SANITIZE='-fsanitize=thread -fno-omit-frame-pointer' all programs
	@$(MAKE) --no-print-directory check-tsan

check-tsan:
	@gcc -shared -fPIC -O1 -fsanitize=thread $(APR_CFLAGS) \
	    -o $(TSAN_B)/atomics.so t/tsan/atomics.c
	@export TSAN_OPTIONS="history_size=4 report_signal_unsafe=0 \
	    suppressions=$$PWD/t/tsan/suppressions"; \
	for name in threads executor waiting places task breaker watched_file \
	        log_limit counters; do \
	    LD_PRELOAD='$(TSAN_LIB)' $(TSAN_B)/t/unit/$$name.t \
	        >$(TSAN_B)/$$name.log 2>&1 && echo "tsan: $$name: no report" || \
	        { cat $(TSAN_B)/$$name.log; exit 1; }; \
	done; \
	SAN_PRELOAD='$(TSAN_LIB)' \
	    MODULE='$(abspath $(TSAN_B))/mod_ocsp_responder.so' \
	    $(PROVE) --exec t/lib/run $(TSAN_T)

torture: ## make each call that can fail do so in turn, on every engine
	@t/lib/needs test
	@$(MAKE) -s all
	@TORTURE_ALL=1 MODULE='$(abspath $(MODULE))' $(PROVE) -v --exec t/lib/run \
	    t/torture/*.t

# More than a build on an unknown compiler should fail for.
STRICT = -Werror -Wundef -Wunused -Wdouble-promotion -Wold-style-definition \
         -Wnull-dereference
STRICT_GCC   = $(STRICT) -Wlogical-op -Wduplicated-cond -Wduplicated-branches
# What a table of tests does not name is zero, as it is meant to be.
STRICT_CLANG = $(STRICT) -Wunreachable-code-aggressive -Wshorten-64-to-32 \
               -Wno-missing-field-initializers
C_FILES = mod_ocsp_responder.c $(ALL:%=responder/%.c)

FORMATTED = $(wildcard mod_*.[ch] responder/*/*.[ch] responder/*/*/*.[ch] \
            t/unit/*.[ch] t/fuzz/*.[ch] t/prove/*.[ch] t/torture/*.[ch] \
            t/tsan/*.c t/lib/*.[ch] t/bench/*.[ch] t/fixtures/source/*.c)

STYLE = format gcc next musl clang tidy cppcheck

check-style: $(STYLE:%=style-%) ## what compilers and checkers have to say

style-format:
	clang-format --dry-run -Werror $(FORMATTED)

style-gcc:
	@$(MAKE) --no-print-directory $(jobs) CC=gcc B=$(B)/gcc \
	    CFLAGS='-O2 $(STRICT_GCC)' all programs

# What distributions build with, and what compilers will take for the default.
style-next:
	@$(MAKE) --no-print-directory $(jobs) CC=gcc B=$(B)/next \
	    CFLAGS='-O2 -std=gnu2x -flto=auto -U_FORTIFY_SOURCE \
	    -D_FORTIFY_SOURCE=3 $(STRICT_GCC)' all

# Alpine's C library, whose headers declare nothing by the way; nothing to link
# with is there, and OpenSSL's headers have to be without glibc's.
style-musl:
	@mkdir -p $(B)/musl/common $(B)/musl/cpu
	@ln -sfn /usr/include/openssl $(B)/musl/common/openssl
	@ln -sfn /usr/include/$$(gcc -print-multiarch)/openssl $(B)/musl/cpu/openssl
	@ln -sf /usr/include/jansson*.h $(B)/musl/common
	@$(MAKE) --no-print-directory $(jobs) CC=musl-gcc B=$(B)/musl JANSSON=yes \
	    CPPFLAGS='-isystem $(B)/musl/common -isystem $(B)/musl/cpu' \
	    CFLAGS='-O2 $(STRICT_GCC)' objects

style-clang:
	@$(MAKE) --no-print-directory $(jobs) CC=clang B=$(B)/clang \
	    CFLAGS='-O2 $(STRICT_CLANG)' all programs

style-tidy:
	@echo $(C_FILES) | xargs -P $(JOBS) -n 8 sh -c 'clang-tidy --quiet "$$@" \
	    -- -std=gnu99 $(CPPFLAGS) $(HTTPD_CFLAGS)' clang-tidy

# It reads no header of APR's, and from 2.22 on wants to know such macros. What
# 2.17 does not look into is told as a finding.
APR_MACROS = $(patsubst %,-DAPR_%_FMT='"d"',PID_T TIME_T SIZE_T INT64_T UINT64_T) \
             '-DAP_MODULE_MAGIC_AT_LEAST(major,minor)=1' \
             '-DAPR_STRINGIFY(what)="text"'

style-cppcheck:
	cppcheck --quiet --force $(APR_MACROS) --std=c99 --enable=warning,performance,portability \
	    --inline-suppr --suppress=normalCheckLevelMaxBranches \
	    --error-exitcode=1 $(CPPFLAGS) $(C_FILES) t/unit t/fuzz

bench: ## compare with the peers on this machine
	@t/lib/needs bench
	@$(MAKE) -s all
	@MODULE=$(MODULE) t/bench/run

# -- to install ----------------------------------------------------------------

# Where a2enmod looks, on Debian.
MODS = /etc/apache2/mods-available
CONF = $(DESTDIR)$(MODS)/ocsp_responder

# Other products' tables, to be named by Include.
SHARE = /usr/share/mod_ocsp_responder
MAN = /usr/share/man/man8

install: $(MODULE) ## for a2enmod on Debian, else the module alone (DESTDIR)
	install -d $(DESTDIR)$(LIBEXECDIR)
	install -m 644 $(MODULE) $(DESTDIR)$(LIBEXECDIR)/mod_ocsp_responder.so
	install -d $(DESTDIR)$(INCLUDEDIR)
	install -m 644 mod_ocsp_responder.h $(DESTDIR)$(INCLUDEDIR)
	install -d $(DESTDIR)$(SHARE)/tables $(DESTDIR)$(SHARE)/manual
	install -m 644 conf/tables/*.conf $(DESTDIR)$(SHARE)/tables
	install -m 644 README conf/manual/*.txt conf/example-vhost.conf \
	    $(DESTDIR)$(SHARE)/manual
	install -d $(DESTDIR)$(MAN)
	install -m 644 conf/manual/mod_ocsp_responder.8 $(DESTDIR)$(MAN)
	@if test -d $(MODS) || test -d $(DESTDIR)$(MODS); then \
	    set -ex; install -d $(DESTDIR)$(MODS); \
	    install -m 644 conf/ocsp_responder.load $(CONF).load; \
	    if test -e $(CONF).conf && ! cmp -s conf/ocsp_responder.conf $(CONF).conf; \
	    then install -m 644 conf/ocsp_responder.conf $(CONF).conf.new; \
	    else install -m 644 conf/ocsp_responder.conf $(CONF).conf; fi; \
	    set +x; echo "Next: a2enmod ocsp_responder, a virtual host like" \
	    "conf/example-vhost.conf, apache2ctl -t, systemctl reload apache2."; \
	else \
	    echo "Next: add to httpd's configuration, behind the line of mod_dbd,"; \
	    echo "LoadModule ocsp_responder_module $(LIBEXECDIR)/mod_ocsp_responder.so"; \
	fi

deb: ## a Debian package in build/deb
	@t/lib/needs package
	@conf/package deb $(B)

image: ## a container's image in build/image, with no registry but apt's
	@t/lib/needs package
	@conf/package image $(B)

rpm: ## an RPM in build/rpm, where there is rpmbuild
	@conf/package rpm $(B)

uninstall: ## take it away again
	@if test -e $(DESTDIR)/etc/apache2/mods-enabled/ocsp_responder.load; then \
	    echo "make uninstall: a2dismod ocsp_responder first" >&2; exit 1; fi
	rm -f $(DESTDIR)$(LIBEXECDIR)/mod_ocsp_responder.so
	rm -f $(DESTDIR)$(INCLUDEDIR)/mod_ocsp_responder.h
	rm -rf $(DESTDIR)$(SHARE)
	rm -f $(DESTDIR)$(MAN)/mod_ocsp_responder.8
	rm -f $(CONF).load $(CONF).conf.new
	@if cmp -s conf/ocsp_responder.conf $(CONF).conf; then rm -f $(CONF).conf; \
	elif test -e $(CONF).conf; then echo "$(CONF).conf was edited: it stays"; fi

clean: ## remove what was built
	rm -rf $(B)

.PHONY: all help demo serve test check check-wire wire test-sources test-on coverage unit \
    asan programs objects fuzz prove-c check-c check-tsan soak torture tsan hostile rotations check-style $(STYLE:%=style-%) bench install uninstall \
    deb image rpm clean tools
