#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# SPDX-License-Identifier: Apache-2.0
"""Draws the boxes into the pictures they belong to, and writes these to PLOT_FOLDER, with boxes.csv beside them."""

import os
from pathlib import Path

import cv2
import numpy as np
from dora import Node

folder = Path(os.environ.get("PLOT_FOLDER", Path(__file__).parent / "out"))
folder.mkdir(parents=True, exist_ok=True)

images = []  # that wait for their boxes; the inputs may come in any order
boxes = []
drawn = people = 0

node = Node()
with open(folder / "boxes.csv", "w") as csv:
    print("frame,left,top,right,bottom,confidence", file=csv)
    for event in node:
        if event["type"] != "INPUT":
            continue
        if event["id"] == "image":
            images.append(cv2.imdecode(np.frombuffer(event["data"], dtype="uint8"), -1))
        else:
            boxes.append(np.frombuffer(event["data"], dtype="float32").reshape(-1, 6).copy())
        if not images or not boxes:
            continue
        image = images.pop(0)
        drawn += 1
        for left, top, right, bottom, confidence, _ in boxes.pop(0):
            people += 1
            print(f"{drawn},{left:.0f},{top:.0f},{right:.0f},{bottom:.0f},{confidence:.2f}", file=csv)
            cv2.rectangle(image, (int(left), int(top)), (int(right), int(bottom)), (0, 200, 0), 2)
            cv2.putText(image, f"{confidence:.1f}", (int(left), int(top) - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 200, 0), 1)
        cv2.imwrite(str(folder / f"frame_{drawn:04}.png"), image)

print(f"{drawn} pictures with {people} people in {folder}")
