#!/bin/sh
# What Ignition's generator asks for: yes, this root is not one to be remounted for writing (it is a squashfs) nor a disk to be
# set up. What Ignition writes to is below it: /etc, /var, /home and /root of the data partition.
exit 0
