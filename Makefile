# SPDX-License-Identifier: Apache-2.0
# make demo, make test: the two to start with. README says the rest.

APXS       ?= $(shell command -v apxs || command -v apxs2 || echo apxs)
CC         ?= cc
PROVE      ?= prove
B          ?= build

# apxs answers one variable a call.
apxs_q      = $(shell $(APXS) -q $(1) 2>/dev/null)

WARNINGS    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
              -Wformat=2 -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS     ?= -O2 -g
SANITIZE   ?=
CPPFLAGS   += -I. -Iresponder
APR_CFLAGS := $(call apxs_q,EXTRA_CPPFLAGS) -I$(call apxs_q,APR_INCLUDEDIR) \
              -I$(call apxs_q,APU_INCLUDEDIR)
HTTPD_CFLAGS = $(APR_CFLAGS) -I$(call apxs_q,INCLUDEDIR)
ALL_CFLAGS  = -std=gnu99 -fPIC -fvisibility=hidden $(WARNINGS) $(SANITIZE) \
              $(CFLAGS)
APR_LIBS    = $(shell $(call apxs_q,APU_CONFIG) --link-ld --libs 2>/dev/null) \
              $(shell $(call apxs_q,APR_CONFIG) --link-ld --libs 2>/dev/null)

# The parts that need only APR and libcrypto, and the ones that know httpd.
PURE  = request credential authority response engine schema serial rows calendar zone
HTTPD = $(filter-out $(PURE),$(basename $(notdir $(wildcard responder/*.c))))

PURE_O   = $(PURE:%=$(B)/responder/%.o)
HTTPD_O  = $(HTTPD:%=$(B)/responder/%.o) $(B)/mod_ocsp_responder.o
MODULE   = $(B)/mod_ocsp_responder.so
CORE     = $(B)/libresponder.a
UNIT     = $(patsubst t/unit/%.c,$(B)/t/unit/%.t,$(wildcard t/unit/*.c))
FUZZ     = $(patsubst t/fuzz/%.c,%,$(filter-out t/fuzz/standalone.c,$(wildcard t/fuzz/*.c)))
REPLAY   = $(FUZZ:%=$(B)/t/fuzz/%)

all: $(MODULE)

$(MODULE): $(HTTPD_O) $(CORE)
	$(CC) -shared $(SANITIZE) $(LDFLAGS) -o $@ $(HTTPD_O) $(CORE) -lcrypto

$(CORE): $(PURE_O)
	rm -f $@
	$(AR) rcs $@ $(PURE_O)

$(PURE_O): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(HTTPD_O): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(HTTPD_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/t/unit/%.t: t/unit/%.c t/unit/tap.h $(CORE)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(CORE) \
	    $(LDFLAGS) $(APR_LIBS) -lcrypto

$(B)/t/fuzz/%: t/fuzz/%.c t/fuzz/standalone.c $(CORE)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(APR_CFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< \
	    t/fuzz/standalone.c $(CORE) $(LDFLAGS) $(APR_LIBS) -lcrypto

unit: $(UNIT)
	$(PROVE) --exec '' $(UNIT)

clean:
	rm -rf $(B)

-include $(wildcard $(B)/*.d $(B)/responder/*.d $(B)/t/*/*.d)

.PHONY: all unit clean
