/* For tests: an MQTT broker in a child process that acknowledges, passes messages on, and does the
 * wrong it is told. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_broker.h"
#include "drivers/fake_server.h"

typedef struct FakeMqtt {
    FakeEnd end;     /* when it is asked for anything after the CONNECT */
    uint8_t refuses; /* code of the CONNACK; 0: welcome */
    bool denies;     /* every subscription */
    bool mistakes;   /* acknowledges another message */
    Str says;        /* instead of a PINGRESP; len 0: that */
    FakeFaults faults;
} FakeMqtt;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_mqtt_start(const FakeMqtt *s);
