source_filename = "tiny"
target triple = "x86_64-unknown-linux-gnu"

@":seed" = internal global i64 zeroinitializer
@":events" = internal global i64 zeroinitializer
@":learned" = internal global i64 zeroinitializer
@":out" = internal global i8* zeroinitializer
@":out.size" = internal global i64 zeroinitializer
@":out.room" = internal global i64 zeroinitializer
@":spiked" = internal global i64 zeroinitializer
@":parent" = internal global i32 zeroinitializer
@":host wrote" = internal global i64 zeroinitializer
@"a spikes" = internal global [8 x i8] zeroinitializer, align 64
@"a fired" = internal global [64 x i32] zeroinitializer, align 64
@"a count" = internal global i64 zeroinitializer
@"a watched" = internal global i64 zeroinitializer
@"a recorded" = internal global i64 zeroinitializer
@"a show drive" = internal global [64 x i64] zeroinitializer, align 64
@b.v = internal global [64 x i32] zeroinitializer, align 64
@"b.gain first" = internal constant [4 x i8] c"\03\00\00\00", align 64
@b.gain = internal global [1 x i32] zeroinitializer, align 64
@"b spikes" = internal global [8 x i8] zeroinitializer, align 64
@"b fired" = internal global [64 x i32] zeroinitializer, align 64
@"b count" = internal global i64 zeroinitializer
@"b sent" = internal global [64 x i32] zeroinitializer, align 64
@"b payloads" = internal global [64 x i32] zeroinitializer, align 64
@"b watched" = internal global i64 zeroinitializer
@"b recorded" = internal global i64 zeroinitializer
@"b show v" = internal global [64 x i64] zeroinitializer, align 64
@"b show drive" = internal global [64 x i64] zeroinitializer, align 64
@"b show gain" = internal global [64 x i64] zeroinitializer, align 64
@a.drive = internal global [128 x i32] zeroinitializer, align 64
@b.drive = internal global [256 x i32] zeroinitializer, align 64
@"in fired" = internal global [2 x i32] zeroinitializer, align 64
@"in count" = internal global i64 zeroinitializer
@"w starts" = internal constant [12 x i8] c"\00\00\00\00\01\00\00\00\02\00\00\00", align 64
@"w posts" = internal constant [8 x i8] c"\00\00\00\00\01\00\00\00", align 64
@"w weights" = internal constant [8 x i8] c"\01\00\00\00\01\00\00\00", align 64
@"x starts" = internal constant [12 x i8] c"\00\00\00\00\02\00\00\00\05\00\00\00", align 64
@"x posts" = internal constant [20 x i8] c"\00\00\00\00\02\00\00\00\00\00\00\00\01\00\00\00\02\00\00\00", align 64
@"x weights" = internal constant [20 x i8] c"\01\00\00\00\FC\FF\FF\FF\02\00\00\00\03\00\00\00\05\00\00\00", align 64
@":cursor" = internal global i64* zeroinitializer
@":end" = internal global i64* zeroinitializer
@":rows" = internal global i64 zeroinitializer
@":learn" = internal global i64 zeroinitializer
@":hosted" = internal global i64 zeroinitializer
@":heard" = internal global i64 zeroinitializer
@":probes" = internal global i64* zeroinitializer
@":probe.count" = internal global i64 zeroinitializer
@":values" = internal global i64 zeroinitializer
@":value.words" = internal global i64 zeroinitializer
@"in train" = internal global i64* zeroinitializer
@"in payloads" = internal global i32* zeroinitializer
@"in events" = internal global i64 zeroinitializer
@"in position" = internal global i64 zeroinitializer
@":shown sizes" = internal constant [32 x i8] c"\02\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00", align 64
@":params" = internal constant [1 x i8*] [i8* bitcast (i32* getelementptr ([1 x i32], [1 x i32]* @b.gain, i64 0, i64 0) to i8*)], align 64
@":param sizes" = internal constant [16 x i8] c"\01\00\00\00\00\00\00\00 \00\00\00\00\00\00\00", align 64
@":watched" = internal constant [4 x i64*] [i64* @"a watched", i64* @"b watched", i64* @"b watched", i64* @"b watched"], align 64
@":sample memory" = internal constant [4 x i64*] [i64* getelementptr ([64 x i64], [64 x i64]* @"a show drive", i64 0, i64 0), i64* getelementptr ([64 x i64], [64 x i64]* @"b show v", i64 0, i64 0), i64* getelementptr ([64 x i64], [64 x i64]* @"b show drive", i64 0, i64 0), i64* getelementptr ([64 x i64], [64 x i64]* @"b show gain", i64 0, i64 0)], align 64
@"in reach" = internal constant [8 x i8] c"\01\00\00\00\01\00\00\00", align 64
@"a reach" = internal constant [8 x i8] c"\02\00\00\00\03\00\00\00", align 64
@":status" = internal global i64 zeroinitializer
@":learned memory" = internal constant [1 x i32*] [i32* null], align 64
@":learned sizes" = internal constant [8 x i8] c"\00\00\00\00\00\00\00\00", align 64
@":greeting" = internal constant [48 x i8] c"deccnat\1A\01\00\00\00\00\00\00\00\9F\A9x\812\9D\E7\C14x\83F\81\8E\ABuN\B9\AB\83X\AC)\B2\EBD\FA\AB\85\AB\0B]", align 64

declare i8* @memcpy(i8* %0, i8* %1, i64 %2)

declare i8* @memset(i8* %0, i32 %1, i64 %2)

declare i8* @malloc(i64 %0)

declare i8* @realloc(i8* %0, i64 %1)

declare void @free(i8* %0)

declare i32 @getppid()

declare void @_exit(i32 %0)

declare i64 @read(i32 %0, i8* %1, i64 %2)

define internal i1 @":read all"(i32 %file, i8* %at, i64 %n) #0 {
0:
	br label %1

1:
	%2 = phi i8* [ %at, %0 ], [ %11, %10 ]
	%3 = phi i64 [ %n, %0 ], [ %12, %10 ]
	%4 = icmp sgt i64 %3, 0
	br i1 %4, label %5, label %8

5:
	%6 = call i64 @read(i32 %file, i8* %2, i64 %3)
	%7 = icmp sle i64 %6, 0
	br i1 %7, label %9, label %10

8:
	ret i1 true

9:
	ret i1 false

10:
	%11 = getelementptr i8, i8* %2, i64 %6
	%12 = sub i64 %3, %6
	br label %1
}

declare i64 @write(i32 %0, i8* %1, i64 %2)

define internal i1 @":write all"(i32 %file, i8* %at, i64 %n) #0 {
0:
	br label %1

1:
	%2 = phi i8* [ %at, %0 ], [ %11, %10 ]
	%3 = phi i64 [ %n, %0 ], [ %12, %10 ]
	%4 = icmp sgt i64 %3, 0
	br i1 %4, label %5, label %8

5:
	%6 = call i64 @write(i32 %file, i8* %2, i64 %3)
	%7 = icmp sle i64 %6, 0
	br i1 %7, label %9, label %10

8:
	ret i1 true

9:
	ret i1 false

10:
	%11 = getelementptr i8, i8* %2, i64 %6
	%12 = sub i64 %3, %6
	br label %1
}

declare i64 @llvm.cttz.i64(i64 %0, i1 %1)

define internal i64 @":scan"(i64* %words, i64 %n, i32* %list) #0 {
0:
	%1 = icmp slt i64 0, %n
	br i1 %1, label %2, label %8

2:
	%3 = phi i64 [ 0, %0 ], [ %23, %22 ]
	%4 = phi i64 [ 0, %0 ], [ %12, %22 ]
	%5 = shl i64 %3, 6
	%6 = getelementptr i64, i64* %words, i64 %3
	%7 = load i64, i64* %6
	br label %10

8:
	%9 = phi i64 [ 0, %0 ], [ %12, %22 ]
	ret i64 %9

10:
	%11 = phi i64 [ %7, %2 ], [ %20, %14 ]
	%12 = phi i64 [ %4, %2 ], [ %21, %14 ]
	%13 = icmp ne i64 %11, 0
	br i1 %13, label %14, label %22

14:
	%15 = call i64 @llvm.cttz.i64(i64 %11, i1 true)
	%16 = add i64 %5, %15
	%17 = trunc i64 %16 to i32
	%18 = getelementptr i32, i32* %list, i64 %12
	store i32 %17, i32* %18
	%19 = sub i64 %11, 1
	%20 = and i64 %11, %19
	%21 = add i64 %12, 1
	br label %10

22:
	%23 = add i64 %3, 1
	%24 = icmp slt i64 %23, %n
	br i1 %24, label %2, label %8
}

define internal i8* @":reserve"(i64 %bytes) #0 {
0:
	%1 = load i64, i64* @":out.size"
	%2 = add i64 %1, %bytes
	%3 = load i64, i64* @":out.room"
	%4 = icmp sgt i64 %2, %3
	br i1 %4, label %5, label %11

5:
	%6 = shl i64 %2, 1
	%7 = add i64 %6, u0x1000
	%8 = load i8*, i8** @":out"
	%9 = call i8* @realloc(i8* %8, i64 %7)
	%10 = icmp eq i8* %9, null
	br i1 %10, label %14, label %15

11:
	store i64 %2, i64* @":out.size"
	%12 = load i8*, i8** @":out"
	%13 = getelementptr i8, i8* %12, i64 %1
	ret i8* %13

14:
	ret i8* null

15:
	store i8* %9, i8** @":out"
	store i64 %7, i64* @":out.room"
	br label %11
}

define internal void @"a restart"() #0 {
0:
	%1 = icmp slt i64 0, 16
	br i1 %1, label %2, label %6

2:
	%3 = phi i64 [ 0, %0 ], [ %4, %2 ]
	%4 = add i64 %3, 16
	%5 = icmp slt i64 %4, 16
	br i1 %5, label %2, label %6

6:
	ret void
}

define internal void @"a update"(i64 %row) #0 {
0:
	%1 = icmp slt i64 0, 16
	br i1 %1, label %2, label %17

2:
	%3 = phi i64 [ 0, %0 ], [ %15, %2 ]
	%4 = getelementptr i32, i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0), i64 %3
	%5 = bitcast i32* %4 to <16 x i32>*
	%6 = load <16 x i32>, <16 x i32>* %5, align 64
	%7 = getelementptr i32, i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0), i64 %3
	%8 = bitcast i32* %7 to <16 x i32>*
	store <16 x i32> <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>, <16 x i32>* %8, align 64
	%9 = shl <16 x i32> %6, <i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7>
	%10 = icmp sgt <16 x i32> %9, <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>
	%11 = bitcast <16 x i1> %10 to i16
	%12 = lshr i64 %3, 3
	%13 = getelementptr i8, i8* getelementptr ([8 x i8], [8 x i8]* @"a spikes", i64 0, i64 0), i64 %12
	%14 = bitcast i8* %13 to i16*
	store i16 %11, i16* %14
	%15 = add i64 %3, 16
	%16 = icmp slt i64 %15, 16
	br i1 %16, label %2, label %17

17:
	%18 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"a spikes", i64 0, i64 0) to i64*
	%19 = getelementptr i64, i64* %18, i64 0
	%20 = load i64, i64* %19
	%21 = and i64 %20, 3
	store i64 %21, i64* %19
	ret void
}

define internal void @"a observe"(i64 %row) #0 {
0:
	%1 = icmp slt i64 0, 16
	br i1 %1, label %2, label %20

2:
	%3 = phi i64 [ 0, %0 ], [ %18, %2 ]
	%4 = getelementptr i32, i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0), i64 %3
	%5 = bitcast i32* %4 to <16 x i32>*
	%6 = load <16 x i32>, <16 x i32>* %5, align 64
	%7 = getelementptr i32, i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0), i64 %3
	%8 = bitcast i32* %7 to <16 x i32>*
	store <16 x i32> <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>, <16 x i32>* %8, align 64
	%9 = shl <16 x i32> %6, <i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7>
	%10 = icmp sgt <16 x i32> %9, <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>
	%11 = sext <16 x i32> %9 to <16 x i64>
	%12 = getelementptr i64, i64* getelementptr ([64 x i64], [64 x i64]* @"a show drive", i64 0, i64 0), i64 %3
	%13 = bitcast i64* %12 to <16 x i64>*
	store <16 x i64> %11, <16 x i64>* %13, align 64
	%14 = bitcast <16 x i1> %10 to i16
	%15 = lshr i64 %3, 3
	%16 = getelementptr i8, i8* getelementptr ([8 x i8], [8 x i8]* @"a spikes", i64 0, i64 0), i64 %15
	%17 = bitcast i8* %16 to i16*
	store i16 %14, i16* %17
	%18 = add i64 %3, 16
	%19 = icmp slt i64 %18, 16
	br i1 %19, label %2, label %20

20:
	%21 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"a spikes", i64 0, i64 0) to i64*
	%22 = getelementptr i64, i64* %21, i64 0
	%23 = load i64, i64* %22
	%24 = and i64 %23, 3
	store i64 %24, i64* %22
	ret void
}

define internal void @"b restart"() #0 {
0:
	%1 = icmp slt i64 0, 16
	br i1 %1, label %2, label %8

2:
	%3 = phi i64 [ 0, %0 ], [ %6, %2 ]
	%4 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @b.v, i64 0, i64 0), i64 %3
	%5 = bitcast i32* %4 to <16 x i32>*
	store <16 x i32> <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>, <16 x i32>* %5, align 64
	%6 = add i64 %3, 16
	%7 = icmp slt i64 %6, 16
	br i1 %7, label %2, label %8

8:
	ret void
}

define internal void @"b update"(i64 %row) #0 {
0:
	%1 = load i32, i32* getelementptr ([1 x i32], [1 x i32]* @b.gain, i64 0, i64 0)
	%2 = insertelement <16 x i32> undef, i32 %1, i32 0
	%3 = shufflevector <16 x i32> %2, <16 x i32> undef, <16 x i32> zeroinitializer
	%4 = urem i64 %row, 2
	%5 = mul i64 %4, 128
	%6 = getelementptr i32, i32* getelementptr ([256 x i32], [256 x i32]* @b.drive, i64 0, i64 0), i64 %5
	%7 = icmp slt i64 0, 16
	br i1 %7, label %8, label %49

8:
	%9 = phi i64 [ 0, %0 ], [ %47, %8 ]
	%10 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @b.v, i64 0, i64 0), i64 %9
	%11 = bitcast i32* %10 to <16 x i32>*
	%12 = load <16 x i32>, <16 x i32>* %11, align 64
	%13 = getelementptr i32, i32* %6, i64 %9
	%14 = bitcast i32* %13 to <16 x i32>*
	%15 = load <16 x i32>, <16 x i32>* %14, align 64
	%16 = getelementptr i32, i32* %6, i64 %9
	%17 = bitcast i32* %16 to <16 x i32>*
	store <16 x i32> <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>, <16 x i32>* %17, align 64
	%18 = shl <16 x i32> %15, <i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7>
	%19 = sext <16 x i32> %12 to <16 x i64>
	%20 = sext <16 x i32> <i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000> to <16 x i64>
	%21 = mul <16 x i64> %19, %20
	%22 = ashr <16 x i64> %21, <i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63>
	%23 = lshr <16 x i64> %22, <i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52>
	%24 = add <16 x i64> %21, %23
	%25 = ashr <16 x i64> %24, <i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12>
	%26 = trunc <16 x i64> %25 to <16 x i32>
	%27 = icmp sgt <16 x i32> %18, <i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000>
	%28 = select <16 x i1> %27, <16 x i32> %18, <16 x i32> <i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000>
	%29 = icmp slt <16 x i32> %28, <i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000>
	%30 = select <16 x i1> %29, <16 x i32> %28, <16 x i32> <i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000>
	%31 = mul <16 x i32> %30, %3
	%32 = ashr <16 x i32> %31, <i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2>
	%33 = add <16 x i32> %26, %32
	%34 = icmp sgt <16 x i32> %33, <i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607>
	%35 = select <16 x i1> %34, <16 x i32> %33, <16 x i32> <i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607>
	%36 = icmp slt <16 x i32> %35, <i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF>
	%37 = select <16 x i1> %36, <16 x i32> %35, <16 x i32> <i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF>
	%38 = icmp sgt <16 x i32> %37, <i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000>
	%39 = bitcast <16 x i1> %38 to i16
	%40 = lshr i64 %9, 3
	%41 = getelementptr i8, i8* getelementptr ([8 x i8], [8 x i8]* @"b spikes", i64 0, i64 0), i64 %40
	%42 = bitcast i8* %41 to i16*
	store i16 %39, i16* %42
	%43 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @"b payloads", i64 0, i64 0), i64 %9
	%44 = bitcast i32* %43 to <16 x i32>*
	store <16 x i32> %37, <16 x i32>* %44, align 64
	%45 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @b.v, i64 0, i64 0), i64 %9
	%46 = bitcast i32* %45 to <16 x i32>*
	store <16 x i32> %37, <16 x i32>* %46, align 64
	%47 = add i64 %9, 16
	%48 = icmp slt i64 %47, 16
	br i1 %48, label %8, label %49

49:
	%50 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"b spikes", i64 0, i64 0) to i64*
	%51 = getelementptr i64, i64* %50, i64 0
	%52 = load i64, i64* %51
	%53 = and i64 %52, 7
	store i64 %53, i64* %51
	ret void
}

define internal void @"b observe"(i64 %row) #0 {
0:
	%1 = load i32, i32* getelementptr ([1 x i32], [1 x i32]* @b.gain, i64 0, i64 0)
	%2 = insertelement <16 x i32> undef, i32 %1, i32 0
	%3 = shufflevector <16 x i32> %2, <16 x i32> undef, <16 x i32> zeroinitializer
	%4 = urem i64 %row, 2
	%5 = mul i64 %4, 128
	%6 = getelementptr i32, i32* getelementptr ([256 x i32], [256 x i32]* @b.drive, i64 0, i64 0), i64 %5
	%7 = icmp slt i64 0, 16
	br i1 %7, label %8, label %58

8:
	%9 = phi i64 [ 0, %0 ], [ %56, %8 ]
	%10 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @b.v, i64 0, i64 0), i64 %9
	%11 = bitcast i32* %10 to <16 x i32>*
	%12 = load <16 x i32>, <16 x i32>* %11, align 64
	%13 = getelementptr i32, i32* %6, i64 %9
	%14 = bitcast i32* %13 to <16 x i32>*
	%15 = load <16 x i32>, <16 x i32>* %14, align 64
	%16 = getelementptr i32, i32* %6, i64 %9
	%17 = bitcast i32* %16 to <16 x i32>*
	store <16 x i32> <i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0, i32 0>, <16 x i32>* %17, align 64
	%18 = shl <16 x i32> %15, <i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7, i32 7>
	%19 = sext <16 x i32> %12 to <16 x i64>
	%20 = sext <16 x i32> <i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000, i32 4000> to <16 x i64>
	%21 = mul <16 x i64> %19, %20
	%22 = ashr <16 x i64> %21, <i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63, i64 63>
	%23 = lshr <16 x i64> %22, <i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52, i64 52>
	%24 = add <16 x i64> %21, %23
	%25 = ashr <16 x i64> %24, <i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12, i64 12>
	%26 = trunc <16 x i64> %25 to <16 x i32>
	%27 = icmp sgt <16 x i32> %18, <i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000>
	%28 = select <16 x i1> %27, <16 x i32> %18, <16 x i32> <i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000, i32 -30000>
	%29 = icmp slt <16 x i32> %28, <i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000>
	%30 = select <16 x i1> %29, <16 x i32> %28, <16 x i32> <i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000, i32 30000>
	%31 = mul <16 x i32> %30, %3
	%32 = ashr <16 x i32> %31, <i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2, i32 2>
	%33 = add <16 x i32> %26, %32
	%34 = icmp sgt <16 x i32> %33, <i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607>
	%35 = select <16 x i1> %34, <16 x i32> %33, <16 x i32> <i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607, i32 -8388607>
	%36 = icmp slt <16 x i32> %35, <i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF>
	%37 = select <16 x i1> %36, <16 x i32> %35, <16 x i32> <i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF, i32 u0x7FFFFF>
	%38 = icmp sgt <16 x i32> %37, <i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000, i32 1000>
	%39 = sext <16 x i32> %37 to <16 x i64>
	%40 = getelementptr i64, i64* getelementptr ([64 x i64], [64 x i64]* @"b show v", i64 0, i64 0), i64 %9
	%41 = bitcast i64* %40 to <16 x i64>*
	store <16 x i64> %39, <16 x i64>* %41, align 64
	%42 = sext <16 x i32> %18 to <16 x i64>
	%43 = getelementptr i64, i64* getelementptr ([64 x i64], [64 x i64]* @"b show drive", i64 0, i64 0), i64 %9
	%44 = bitcast i64* %43 to <16 x i64>*
	store <16 x i64> %42, <16 x i64>* %44, align 64
	%45 = sext <16 x i32> %3 to <16 x i64>
	%46 = getelementptr i64, i64* getelementptr ([64 x i64], [64 x i64]* @"b show gain", i64 0, i64 0), i64 %9
	%47 = bitcast i64* %46 to <16 x i64>*
	store <16 x i64> %45, <16 x i64>* %47, align 64
	%48 = bitcast <16 x i1> %38 to i16
	%49 = lshr i64 %9, 3
	%50 = getelementptr i8, i8* getelementptr ([8 x i8], [8 x i8]* @"b spikes", i64 0, i64 0), i64 %49
	%51 = bitcast i8* %50 to i16*
	store i16 %48, i16* %51
	%52 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @"b payloads", i64 0, i64 0), i64 %9
	%53 = bitcast i32* %52 to <16 x i32>*
	store <16 x i32> %37, <16 x i32>* %53, align 64
	%54 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @b.v, i64 0, i64 0), i64 %9
	%55 = bitcast i32* %54 to <16 x i32>*
	store <16 x i32> %37, <16 x i32>* %55, align 64
	%56 = add i64 %9, 16
	%57 = icmp slt i64 %56, 16
	br i1 %57, label %8, label %58

58:
	%59 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"b spikes", i64 0, i64 0) to i64*
	%60 = getelementptr i64, i64* %59, i64 0
	%61 = load i64, i64* %60
	%62 = and i64 %61, 7
	store i64 %62, i64* %60
	ret void
}

define internal void @"w send"(i32* %list, i64 %count, i32* %sent, i64 %row) #0 {
0:
	%1 = add i64 %row, 0
	%2 = icmp slt i64 0, %count
	br i1 %2, label %3, label %16

3:
	%4 = phi i64 [ 0, %0 ], [ %30, %29 ]
	%5 = getelementptr i32, i32* %list, i64 %4
	%6 = load i32, i32* %5
	%7 = sext i32 %6 to i64
	%8 = getelementptr i32, i32* bitcast (i8* getelementptr ([12 x i8], [12 x i8]* @"w starts", i64 0, i64 0) to i32*), i64 %7
	%9 = load i32, i32* %8
	%10 = add i64 %7, 1
	%11 = getelementptr i32, i32* bitcast (i8* getelementptr ([12 x i8], [12 x i8]* @"w starts", i64 0, i64 0) to i32*), i64 %10
	%12 = load i32, i32* %11
	%13 = sext i32 %9 to i64
	%14 = sext i32 %12 to i64
	%15 = icmp slt i64 %13, %14
	br i1 %15, label %17, label %29

16:
	ret void

17:
	%18 = phi i64 [ %13, %3 ], [ %27, %17 ]
	%19 = getelementptr i32, i32* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @"w weights", i64 0, i64 0) to i32*), i64 %18
	%20 = load i32, i32* %19
	%21 = getelementptr i32, i32* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @"w posts", i64 0, i64 0) to i32*), i64 %18
	%22 = load i32, i32* %21
	%23 = sext i32 %22 to i64
	%24 = getelementptr i32, i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0), i64 %23
	%25 = load i32, i32* %24
	%26 = add i32 %25, %20
	store i32 %26, i32* %24
	%27 = add i64 %18, 1
	%28 = icmp slt i64 %27, %14
	br i1 %28, label %17, label %29

29:
	%30 = add i64 %4, 1
	%31 = icmp slt i64 %30, %count
	br i1 %31, label %3, label %16
}

define internal void @"x send"(i32* %list, i64 %count, i32* %sent, i64 %row) #0 {
0:
	%1 = add i64 %row, 1
	%2 = urem i64 %1, 2
	%3 = mul i64 %2, 128
	%4 = getelementptr i32, i32* getelementptr ([256 x i32], [256 x i32]* @b.drive, i64 0, i64 0), i64 %3
	%5 = icmp slt i64 0, %count
	br i1 %5, label %6, label %19

6:
	%7 = phi i64 [ 0, %0 ], [ %33, %32 ]
	%8 = getelementptr i32, i32* %list, i64 %7
	%9 = load i32, i32* %8
	%10 = sext i32 %9 to i64
	%11 = getelementptr i32, i32* bitcast (i8* getelementptr ([12 x i8], [12 x i8]* @"x starts", i64 0, i64 0) to i32*), i64 %10
	%12 = load i32, i32* %11
	%13 = add i64 %10, 1
	%14 = getelementptr i32, i32* bitcast (i8* getelementptr ([12 x i8], [12 x i8]* @"x starts", i64 0, i64 0) to i32*), i64 %13
	%15 = load i32, i32* %14
	%16 = sext i32 %12 to i64
	%17 = sext i32 %15 to i64
	%18 = icmp slt i64 %16, %17
	br i1 %18, label %20, label %32

19:
	ret void

20:
	%21 = phi i64 [ %16, %6 ], [ %30, %20 ]
	%22 = getelementptr i32, i32* bitcast (i8* getelementptr ([20 x i8], [20 x i8]* @"x weights", i64 0, i64 0) to i32*), i64 %21
	%23 = load i32, i32* %22
	%24 = getelementptr i32, i32* bitcast (i8* getelementptr ([20 x i8], [20 x i8]* @"x posts", i64 0, i64 0) to i32*), i64 %21
	%25 = load i32, i32* %24
	%26 = sext i32 %25 to i64
	%27 = getelementptr i32, i32* %4, i64 %26
	%28 = load i32, i32* %27
	%29 = add i32 %28, %23
	store i32 %29, i32* %27
	%30 = add i64 %21, 1
	%31 = icmp slt i64 %30, %17
	br i1 %31, label %20, label %32

32:
	%33 = add i64 %7, 1
	%34 = icmp slt i64 %33, %count
	br i1 %34, label %6, label %19
}

define internal i64* @":take"(i64 %n) #0 {
0:
	%1 = load i64*, i64** @":cursor"
	%2 = load i64*, i64** @":end"
	%3 = ptrtoint i64* %2 to i64
	%4 = ptrtoint i64* %1 to i64
	%5 = sub i64 %3, %4
	%6 = lshr i64 %5, 3
	%7 = icmp ugt i64 %n, %6
	br i1 %7, label %8, label %9

8:
	ret i64* null

9:
	%10 = getelementptr i64, i64* %1, i64 %n
	store i64* %10, i64** @":cursor"
	ret i64* %1
}

define internal i64 @":read"() #0 {
0:
	%1 = call i64* @":take"(i64 1)
	%2 = icmp eq i64* %1, null
	br i1 %2, label %3, label %4

3:
	ret i64 1

4:
	%5 = load i64, i64* %1
	%6 = icmp uge i64 %5, u0x80000000
	br i1 %6, label %7, label %8

7:
	ret i64 2

8:
	store i64 %5, i64* @":rows"
	%9 = call i64* @":take"(i64 1)
	%10 = icmp eq i64* %9, null
	br i1 %10, label %11, label %12

11:
	ret i64 1

12:
	%13 = load i64, i64* %9
	%14 = icmp uge i64 %13, 2
	br i1 %14, label %15, label %16

15:
	ret i64 2

16:
	store i64 %13, i64* @":learn"
	%17 = call i64* @":take"(i64 1)
	%18 = icmp eq i64* %17, null
	br i1 %18, label %19, label %20

19:
	ret i64 1

20:
	%21 = load i64, i64* %17
	%22 = icmp uge i64 %21, 3
	br i1 %22, label %23, label %24

23:
	ret i64 2

24:
	%25 = load i32, i32* @":parent"
	%26 = icmp eq i32 %25, 0
	%27 = icmp ne i64 %21, 0
	%28 = and i1 %26, %27
	br i1 %28, label %29, label %30

29:
	ret i64 4

30:
	store i64 %21, i64* @":hosted"
	%31 = call i64* @":take"(i64 1)
	%32 = icmp eq i64* %31, null
	br i1 %32, label %33, label %34

33:
	ret i64 1

34:
	%35 = load i64, i64* %31
	store i64 %35, i64* @":seed"
	%36 = call i64* @":take"(i64 1)
	%37 = icmp eq i64* %36, null
	br i1 %37, label %38, label %39

38:
	ret i64 1

39:
	%40 = load i64, i64* %36
	%41 = icmp uge i64 %40, 2
	br i1 %41, label %42, label %43

42:
	ret i64 2

43:
	store i64 %40, i64* @"a recorded"
	store i64 0, i64* @"a watched"
	%44 = call i64* @":take"(i64 1)
	%45 = icmp eq i64* %44, null
	br i1 %45, label %46, label %47

46:
	ret i64 1

47:
	%48 = load i64, i64* %44
	%49 = icmp uge i64 %48, 2
	br i1 %49, label %50, label %51

50:
	ret i64 2

51:
	store i64 %48, i64* @"b recorded"
	store i64 0, i64* @"b watched"
	%52 = bitcast i32* getelementptr ([1 x i32], [1 x i32]* @b.gain, i64 0, i64 0) to i8*
	%53 = bitcast i32* bitcast (i8* getelementptr ([4 x i8], [4 x i8]* @"b.gain first", i64 0, i64 0) to i32*) to i8*
	%54 = call i8* @memcpy(i8* %52, i8* %53, i64 4)
	%55 = call i64* @":take"(i64 1)
	%56 = icmp eq i64* %55, null
	br i1 %56, label %57, label %58

57:
	ret i64 1

58:
	%59 = load i64, i64* %55
	%60 = icmp uge i64 %59, u0x80000000
	br i1 %60, label %61, label %62

61:
	ret i64 2

62:
	%63 = icmp slt i64 0, %59
	br i1 %63, label %64, label %68

64:
	%65 = phi i64 [ 0, %62 ], [ %96, %95 ]
	%66 = call i64* @":take"(i64 1)
	%67 = icmp eq i64* %66, null
	br i1 %67, label %71, label %72

68:
	%69 = call i64* @":take"(i64 1)
	%70 = icmp eq i64* %69, null
	br i1 %70, label %109, label %110

71:
	ret i64 1

72:
	%73 = load i64, i64* %66
	%74 = icmp uge i64 %73, 1
	br i1 %74, label %75, label %76

75:
	ret i64 2

76:
	%77 = call i64* @":take"(i64 1)
	%78 = icmp eq i64* %77, null
	br i1 %78, label %79, label %80

79:
	ret i64 1

80:
	%81 = load i64, i64* %77
	%82 = getelementptr i8*, i8** getelementptr ([1 x i8*], [1 x i8*]* @":params", i64 0, i64 0), i64 %73
	%83 = load i8*, i8** %82
	%84 = shl i64 %73, 1
	%85 = getelementptr i64, i64* bitcast (i8* getelementptr ([16 x i8], [16 x i8]* @":param sizes", i64 0, i64 0) to i64*), i64 %84
	%86 = load i64, i64* %85
	%87 = shl i64 %73, 1
	%88 = add i64 %87, 1
	%89 = getelementptr i64, i64* bitcast (i8* getelementptr ([16 x i8], [16 x i8]* @":param sizes", i64 0, i64 0) to i64*), i64 %88
	%90 = load i64, i64* %89
	%91 = icmp slt i64 0, %86
	br i1 %91, label %92, label %95

92:
	%93 = phi i64 [ 0, %80 ], [ %107, %105 ]
	%94 = icmp eq i64 %90, 64
	br i1 %94, label %98, label %101

95:
	%96 = add i64 %65, 1
	%97 = icmp slt i64 %96, %59
	br i1 %97, label %64, label %68

98:
	%99 = bitcast i8* %83 to i64*
	%100 = getelementptr i64, i64* %99, i64 %93
	store i64 %81, i64* %100
	br label %105

101:
	%102 = trunc i64 %81 to i32
	%103 = bitcast i8* %83 to i32*
	%104 = getelementptr i32, i32* %103, i64 %93
	store i32 %102, i32* %104
	br label %105

105:
	%106 = phi i64 [ 0, %98 ], [ 0, %101 ]
	%107 = add i64 %93, 1
	%108 = icmp slt i64 %107, %86
	br i1 %108, label %92, label %95

109:
	ret i64 1

110:
	%111 = load i64, i64* %69
	%112 = icmp uge i64 %111, u0x80000000
	br i1 %112, label %113, label %114

113:
	ret i64 2

114:
	store i64 %111, i64* @":probe.count"
	%115 = load i64*, i64** @":cursor"
	store i64* %115, i64** @":probes"
	store i64 0, i64* @":value.words"
	%116 = icmp slt i64 0, %111
	br i1 %116, label %117, label %121

117:
	%118 = phi i64 [ 0, %114 ], [ %167, %166 ]
	%119 = call i64* @":take"(i64 1)
	%120 = icmp eq i64* %119, null
	br i1 %120, label %124, label %125

121:
	%122 = call i64* @":take"(i64 1)
	%123 = icmp eq i64* %122, null
	br i1 %123, label %169, label %170

124:
	ret i64 1

125:
	%126 = load i64, i64* %119
	%127 = icmp uge i64 %126, 4
	br i1 %127, label %128, label %129

128:
	ret i64 2

129:
	%130 = icmp slt i64 %126, 4
	br i1 %130, label %131, label %134

131:
	%132 = getelementptr i64*, i64** getelementptr ([4 x i64*], [4 x i64*]* @":watched", i64 0, i64 0), i64 %126
	%133 = load i64*, i64** %132
	store i64 1, i64* %133
	br label %134

134:
	%135 = call i64* @":take"(i64 1)
	%136 = icmp eq i64* %135, null
	br i1 %136, label %137, label %138

137:
	ret i64 1

138:
	%139 = load i64, i64* %135
	%140 = icmp uge i64 %139, u0x80000000
	br i1 %140, label %141, label %142

141:
	ret i64 2

142:
	%143 = call i64* @":take"(i64 %139)
	%144 = icmp eq i64* %143, null
	br i1 %144, label %145, label %146

145:
	ret i64 1

146:
	%147 = getelementptr i64, i64* bitcast (i8* getelementptr ([32 x i8], [32 x i8]* @":shown sizes", i64 0, i64 0) to i64*), i64 %126
	%148 = load i64, i64* %147
	%149 = icmp slt i64 0, %139
	br i1 %149, label %150, label %155

150:
	%151 = phi i64 [ 0, %146 ], [ %163, %162 ]
	%152 = getelementptr i64, i64* %143, i64 %151
	%153 = load i64, i64* %152
	%154 = icmp uge i64 %153, %148
	br i1 %154, label %161, label %162

155:
	%156 = load i64, i64* @":value.words"
	%157 = load i64, i64* @":rows"
	%158 = mul i64 %157, %139
	%159 = add i64 %156, %158
	%160 = icmp uge i64 %159, u0x10000000000
	br i1 %160, label %165, label %166

161:
	ret i64 2

162:
	%163 = add i64 %151, 1
	%164 = icmp slt i64 %163, %139
	br i1 %164, label %150, label %155

165:
	ret i64 2

166:
	store i64 %159, i64* @":value.words"
	%167 = add i64 %118, 1
	%168 = icmp slt i64 %167, %111
	br i1 %168, label %117, label %121

169:
	ret i64 1

170:
	%171 = load i64, i64* %122
	%172 = icmp uge i64 %171, u0x80000000
	br i1 %172, label %173, label %174

173:
	ret i64 2

174:
	%175 = call i64* @":take"(i64 %171)
	%176 = icmp eq i64* %175, null
	br i1 %176, label %177, label %178

177:
	ret i64 1

178:
	store i64 %171, i64* @"in events"
	store i64* %175, i64** @"in train"
	store i64 0, i64* @"in position"
	%179 = icmp slt i64 0, %171
	br i1 %179, label %180, label %187

180:
	%181 = phi i64 [ 0, %178 ], [ %194, %193 ]
	%182 = phi i64 [ -1, %178 ], [ %184, %193 ]
	%183 = getelementptr i64, i64* %175, i64 %181
	%184 = load i64, i64* %183
	%185 = and i64 %184, u0xFFFFFFFF
	%186 = icmp uge i64 %185, 2
	br i1 %186, label %189, label %190

187:
	%188 = phi i64 [ -1, %178 ], [ %184, %193 ]
	ret i64 0

189:
	ret i64 2

190:
	%191 = icmp sle i64 %184, %182
	br i1 %191, label %192, label %193

192:
	ret i64 2

193:
	%194 = add i64 %181, 1
	%195 = icmp slt i64 %194, %171
	br i1 %195, label %180, label %187
}

define internal i64 @":row"(i64 %k) #0 {
0:
	%1 = load i64, i64* @"a watched"
	%2 = icmp eq i64 %1, 0
	br i1 %2, label %3, label %4

3:
	call void @"a update"(i64 %k)
	br label %5

4:
	call void @"a observe"(i64 %k)
	br label %5

5:
	%6 = phi i64 [ 0, %3 ], [ 0, %4 ]
	%7 = load i64, i64* @"b watched"
	%8 = icmp eq i64 %7, 0
	br i1 %8, label %9, label %10

9:
	call void @"b update"(i64 %k)
	br label %11

10:
	call void @"b observe"(i64 %k)
	br label %11

11:
	%12 = phi i64 [ 0, %9 ], [ 0, %10 ]
	%13 = load i64, i64* @":value.words"
	%14 = icmp ne i64 %13, 0
	br i1 %14, label %15, label %16

15:
	call void @":sample"(i64 %k)
	br label %16

16:
	%17 = load i64*, i64** @"in train"
	%18 = load i64, i64* @"in events"
	%19 = load i64, i64* @"in position"
	br label %20

20:
	%21 = phi i64 [ %19, %16 ], [ %29, %23 ]
	%22 = icmp slt i64 %21, %18
	br i1 %22, label %36, label %41

23:
	%24 = sub i64 %21, %19
	%25 = getelementptr i64, i64* %17, i64 %21
	%26 = load i64, i64* %25
	%27 = trunc i64 %26 to i32
	%28 = getelementptr i32, i32* getelementptr ([2 x i32], [2 x i32]* @"in fired", i64 0, i64 0), i64 %24
	store i32 %27, i32* %28
	%29 = add i64 %21, 1
	br label %20

30:
	%31 = sub i64 %21, %19
	store i64 %21, i64* @"in position"
	store i64 %31, i64* @"in count"
	%32 = load i64, i64* @":heard"
	%33 = add i64 %32, %31
	store i64 %33, i64* @":heard"
	%34 = load i64, i64* @"in count"
	%35 = icmp ne i64 %34, 0
	br i1 %35, label %44, label %49

36:
	%37 = getelementptr i64, i64* %17, i64 %21
	%38 = load i64, i64* %37
	%39 = lshr i64 %38, 32
	%40 = icmp eq i64 %39, %k
	br label %42

41:
	br label %42

42:
	%43 = phi i1 [ %40, %36 ], [ false, %41 ]
	br i1 %43, label %23, label %30

44:
	%45 = load i64, i64* @":events"
	%46 = call i64 @"in tally"(i32* getelementptr ([2 x i32], [2 x i32]* @"in fired", i64 0, i64 0), i64 %34)
	%47 = add i64 %45, %46
	store i64 %47, i64* @":events"
	%48 = add i64 %k, 1
	call void @"w send"(i32* getelementptr ([2 x i32], [2 x i32]* @"in fired", i64 0, i64 0), i64 %34, i32* null, i64 %48)
	br label %49

49:
	%50 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"a spikes", i64 0, i64 0) to i64*
	%51 = call i64 @":scan"(i64* %50, i64 1, i32* getelementptr ([64 x i32], [64 x i32]* @"a fired", i64 0, i64 0))
	store i64 %51, i64* @"a count"
	%52 = load i64, i64* @":spiked"
	%53 = add i64 %52, %51
	store i64 %53, i64* @":spiked"
	%54 = load i64, i64* @"a recorded"
	%55 = icmp ne i64 %54, 0
	%56 = icmp ne i64 %51, 0
	%57 = and i1 %55, %56
	br i1 %57, label %58, label %64

58:
	%59 = shl i64 %51, 2
	%60 = mul i64 %59, 1
	%61 = add i64 12, %60
	%62 = call i8* @":reserve"(i64 %61)
	%63 = icmp eq i8* %62, null
	br i1 %63, label %67, label %68

64:
	%65 = load i64, i64* @"a count"
	%66 = icmp ne i64 %65, 0
	br i1 %66, label %80, label %85

67:
	ret i64 3

68:
	%69 = bitcast i8* %62 to i32*
	%70 = trunc i64 %k to i32
	%71 = getelementptr i32, i32* %69, i64 0
	store i32 %70, i32* %71
	%72 = trunc i64 0 to i32
	%73 = getelementptr i32, i32* %69, i64 1
	store i32 %72, i32* %73
	%74 = trunc i64 %51 to i32
	%75 = getelementptr i32, i32* %69, i64 2
	store i32 %74, i32* %75
	%76 = getelementptr i8, i8* %62, i64 12
	%77 = bitcast i32* getelementptr ([64 x i32], [64 x i32]* @"a fired", i64 0, i64 0) to i8*
	%78 = call i8* @memcpy(i8* %76, i8* %77, i64 %59)
	%79 = getelementptr i8, i8* %76, i64 %59
	br label %64

80:
	%81 = load i64, i64* @":events"
	%82 = call i64 @"a tally"(i32* getelementptr ([64 x i32], [64 x i32]* @"a fired", i64 0, i64 0), i64 %65)
	%83 = add i64 %81, %82
	store i64 %83, i64* @":events"
	%84 = add i64 %k, 1
	call void @"x send"(i32* getelementptr ([64 x i32], [64 x i32]* @"a fired", i64 0, i64 0), i64 %65, i32* null, i64 %84)
	br label %85

85:
	%86 = bitcast i8* getelementptr ([8 x i8], [8 x i8]* @"b spikes", i64 0, i64 0) to i64*
	%87 = call i64 @":scan"(i64* %86, i64 1, i32* getelementptr ([64 x i32], [64 x i32]* @"b fired", i64 0, i64 0))
	store i64 %87, i64* @"b count"
	%88 = load i64, i64* @":spiked"
	%89 = add i64 %88, %87
	store i64 %89, i64* @":spiked"
	%90 = icmp slt i64 0, %87
	br i1 %90, label %91, label %101

91:
	%92 = phi i64 [ 0, %85 ], [ %99, %91 ]
	%93 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @"b fired", i64 0, i64 0), i64 %92
	%94 = load i32, i32* %93
	%95 = sext i32 %94 to i64
	%96 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @"b payloads", i64 0, i64 0), i64 %95
	%97 = load i32, i32* %96
	%98 = getelementptr i32, i32* getelementptr ([64 x i32], [64 x i32]* @"b sent", i64 0, i64 0), i64 %92
	store i32 %97, i32* %98
	%99 = add i64 %92, 1
	%100 = icmp slt i64 %99, %87
	br i1 %100, label %91, label %101

101:
	%102 = load i64, i64* @"b recorded"
	%103 = icmp ne i64 %102, 0
	%104 = icmp ne i64 %87, 0
	%105 = and i1 %103, %104
	br i1 %105, label %106, label %112

106:
	%107 = shl i64 %87, 2
	%108 = mul i64 %107, 2
	%109 = add i64 12, %108
	%110 = call i8* @":reserve"(i64 %109)
	%111 = icmp eq i8* %110, null
	br i1 %111, label %113, label %114

112:
	ret i64 0

113:
	ret i64 3

114:
	%115 = bitcast i8* %110 to i32*
	%116 = trunc i64 %k to i32
	%117 = getelementptr i32, i32* %115, i64 0
	store i32 %116, i32* %117
	%118 = trunc i64 1 to i32
	%119 = getelementptr i32, i32* %115, i64 1
	store i32 %118, i32* %119
	%120 = trunc i64 %87 to i32
	%121 = getelementptr i32, i32* %115, i64 2
	store i32 %120, i32* %121
	%122 = getelementptr i8, i8* %110, i64 12
	%123 = bitcast i32* getelementptr ([64 x i32], [64 x i32]* @"b fired", i64 0, i64 0) to i8*
	%124 = call i8* @memcpy(i8* %122, i8* %123, i64 %107)
	%125 = getelementptr i8, i8* %122, i64 %107
	%126 = bitcast i32* getelementptr ([64 x i32], [64 x i32]* @"b sent", i64 0, i64 0) to i8*
	%127 = call i8* @memcpy(i8* %125, i8* %126, i64 %107)
	%128 = getelementptr i8, i8* %125, i64 %107
	br label %112
}

define internal void @":sample"(i64 %k) #0 {
0:
	%1 = load i8*, i8** @":out"
	%2 = bitcast i8* %1 to i64*
	%3 = load i64, i64* @":probe.count"
	%4 = load i64*, i64** @":probes"
	%5 = load i64, i64* @":values"
	%6 = icmp slt i64 0, %3
	br i1 %6, label %7, label %17

7:
	%8 = phi i64 [ 0, %0 ], [ %30, %24 ]
	%9 = phi i64* [ %4, %0 ], [ %26, %24 ]
	%10 = phi i64 [ %5, %0 ], [ %29, %24 ]
	%11 = load i64, i64* %9
	%12 = getelementptr i64*, i64** getelementptr ([4 x i64*], [4 x i64*]* @":sample memory", i64 0, i64 0), i64 %11
	%13 = load i64*, i64** %12
	%14 = getelementptr i64, i64* %9, i64 1
	%15 = load i64, i64* %14
	%16 = icmp ne i64* %13, null
	br i1 %16, label %20, label %24

17:
	%18 = phi i64* [ %4, %0 ], [ %26, %24 ]
	%19 = phi i64 [ %5, %0 ], [ %29, %24 ]
	ret void

20:
	%21 = mul i64 %k, %15
	%22 = add i64 %10, %21
	%23 = icmp slt i64 0, %15
	br i1 %23, label %32, label %43

24:
	%25 = add i64 %15, 2
	%26 = getelementptr i64, i64* %9, i64 %25
	%27 = load i64, i64* @":rows"
	%28 = mul i64 %15, %27
	%29 = add i64 %10, %28
	%30 = add i64 %8, 1
	%31 = icmp slt i64 %30, %3
	br i1 %31, label %7, label %17

32:
	%33 = phi i64 [ 0, %20 ], [ %41, %32 ]
	%34 = add i64 %33, 2
	%35 = getelementptr i64, i64* %9, i64 %34
	%36 = load i64, i64* %35
	%37 = getelementptr i64, i64* %13, i64 %36
	%38 = load i64, i64* %37
	%39 = add i64 %22, %33
	%40 = getelementptr i64, i64* %2, i64 %39
	store i64 %38, i64* %40
	%41 = add i64 %33, 1
	%42 = icmp slt i64 %41, %15
	br i1 %42, label %32, label %43

43:
	br label %24
}

define internal i64 @"in tally"(i32* %list, i64 %n) #0 {
0:
	%1 = icmp slt i64 0, %n
	br i1 %1, label %2, label %14

2:
	%3 = phi i64 [ 0, %0 ], [ %12, %2 ]
	%4 = phi i64 [ 0, %0 ], [ %11, %2 ]
	%5 = getelementptr i32, i32* %list, i64 %3
	%6 = load i32, i32* %5
	%7 = sext i32 %6 to i64
	%8 = getelementptr i32, i32* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @"in reach", i64 0, i64 0) to i32*), i64 %7
	%9 = load i32, i32* %8
	%10 = sext i32 %9 to i64
	%11 = add i64 %4, %10
	%12 = add i64 %3, 1
	%13 = icmp slt i64 %12, %n
	br i1 %13, label %2, label %14

14:
	%15 = phi i64 [ 0, %0 ], [ %11, %2 ]
	ret i64 %15
}

define internal i64 @"a tally"(i32* %list, i64 %n) #0 {
0:
	%1 = icmp slt i64 0, %n
	br i1 %1, label %2, label %14

2:
	%3 = phi i64 [ 0, %0 ], [ %12, %2 ]
	%4 = phi i64 [ 0, %0 ], [ %11, %2 ]
	%5 = getelementptr i32, i32* %list, i64 %3
	%6 = load i32, i32* %5
	%7 = sext i32 %6 to i64
	%8 = getelementptr i32, i32* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @"a reach", i64 0, i64 0) to i32*), i64 %7
	%9 = load i32, i32* %8
	%10 = sext i32 %9 to i64
	%11 = add i64 %4, %10
	%12 = add i64 %3, 1
	%13 = icmp slt i64 %12, %n
	br i1 %13, label %2, label %14

14:
	%15 = phi i64 [ 0, %0 ], [ %11, %2 ]
	ret i64 %15
}

define internal i64 @":run"() #0 {
0:
	store i64 0, i64* @":events"
	store i64 0, i64* @":learned"
	store i64 0, i64* @":out.size"
	store i64 0, i64* @":heard"
	store i64 0, i64* @":spiked"
	call void @"a restart"()
	%1 = bitcast i32* getelementptr ([128 x i32], [128 x i32]* @a.drive, i64 0, i64 0) to i8*
	%2 = call i8* @memset(i8* %1, i32 0, i64 512)
	call void @"b restart"()
	%3 = bitcast i32* getelementptr ([256 x i32], [256 x i32]* @b.drive, i64 0, i64 0) to i8*
	%4 = call i8* @memset(i8* %3, i32 0, i64 1024)
	%5 = load i64, i64* @":value.words"
	%6 = add i64 5, %5
	%7 = shl i64 %6, 3
	%8 = call i8* @":reserve"(i64 %7)
	%9 = icmp eq i8* %8, null
	br i1 %9, label %10, label %11

10:
	ret i64 3

11:
	store i64 5, i64* @":values"
	%12 = load i64, i64* @":rows"
	%13 = icmp slt i64 0, %12
	br i1 %13, label %14, label %18

14:
	%15 = phi i64 [ 0, %11 ], [ %45, %44 ]
	%16 = and i64 %15, 1023
	%17 = icmp eq i64 %16, 1023
	br i1 %17, label %32, label %38

18:
	%19 = load i64, i64* @":events"
	%20 = load i64, i64* @":rows"
	%21 = mul i64 %20, 5
	%22 = load i64, i64* @":spiked"
	%23 = load i64, i64* @":heard"
	%24 = load i64, i64* @":learned"
	%25 = load i8*, i8** @":out"
	%26 = bitcast i8* %25 to i64*
	%27 = getelementptr i64, i64* %26, i64 0
	store i64 %19, i64* %27
	%28 = getelementptr i64, i64* %26, i64 1
	store i64 %21, i64* %28
	%29 = getelementptr i64, i64* %26, i64 2
	store i64 %22, i64* %29
	%30 = getelementptr i64, i64* %26, i64 3
	store i64 %23, i64* %30
	%31 = getelementptr i64, i64* %26, i64 4
	store i64 %24, i64* %31
	ret i64 0

32:
	%33 = load i32, i32* @":parent"
	%34 = icmp ne i32 %33, 0
	%35 = call i32 @getppid()
	%36 = icmp ne i32 %33, %35
	%37 = and i1 %34, %36
	br i1 %37, label %41, label %42

38:
	%39 = call i64 @":row"(i64 %15)
	%40 = icmp ne i64 %39, 0
	br i1 %40, label %43, label %44

41:
	call void @_exit(i32 0)
	unreachable

42:
	br label %38

43:
	ret i64 %39

44:
	%45 = add i64 %15, 1
	%46 = icmp slt i64 %45, %12
	br i1 %46, label %14, label %18
}

define i64 @decc_call(i8* %request, i64 %bytes, i8** %answer, i64* %length) #0 {
0:
	store i64 0, i64* @":out.size"
	store i64 0, i64* %length
	%1 = bitcast i8* %request to i64*
	store i64* %1, i64** @":cursor"
	%2 = lshr i64 %bytes, 3
	%3 = getelementptr i64, i64* %1, i64 %2
	store i64* %3, i64** @":end"
	%4 = and i64 %bytes, 7
	%5 = icmp ne i64 %4, 0
	br i1 %5, label %6, label %7

6:
	ret i64 1

7:
	%8 = call i64* @":take"(i64 1)
	%9 = icmp eq i64* %8, null
	br i1 %9, label %10, label %11

10:
	ret i64 1

11:
	%12 = load i64, i64* %8
	%13 = icmp uge i64 %12, 3
	br i1 %13, label %14, label %15

14:
	ret i64 2

15:
	store i64 4, i64* @":status"
	%16 = icmp eq i64 %12, 0
	br i1 %16, label %17, label %20

17:
	%18 = call i64 @":read"()
	%19 = icmp ne i64 %18, 0
	br i1 %19, label %22, label %23

20:
	%21 = icmp eq i64 %12, 1
	br i1 %21, label %25, label %28

22:
	ret i64 %18

23:
	%24 = call i64 @":run"()
	store i64 %24, i64* @":status"
	br label %20

25:
	%26 = call i64* @":take"(i64 1)
	%27 = icmp eq i64* %26, null
	br i1 %27, label %30, label %31

28:
	%29 = icmp eq i64 %12, 2
	br i1 %29, label %57, label %60

30:
	ret i64 1

31:
	%32 = load i64, i64* %26
	%33 = icmp uge i64 %32, 0
	br i1 %33, label %34, label %35

34:
	ret i64 2

35:
	%36 = shl i64 %32, 2
	%37 = getelementptr i64, i64* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @":learned sizes", i64 0, i64 0) to i64*), i64 %36
	%38 = load i64, i64* %37
	%39 = shl i64 %38, 3
	%40 = call i8* @":reserve"(i64 %39)
	%41 = icmp eq i8* %40, null
	br i1 %41, label %42, label %43

42:
	ret i64 3

43:
	%44 = getelementptr i32*, i32** getelementptr ([1 x i32*], [1 x i32*]* @":learned memory", i64 0, i64 0), i64 %32
	%45 = load i32*, i32** %44
	%46 = icmp slt i64 0, %38
	br i1 %46, label %47, label %56

47:
	%48 = phi i64 [ 0, %43 ], [ %54, %47 ]
	%49 = getelementptr i32, i32* %45, i64 %48
	%50 = load i32, i32* %49
	%51 = sext i32 %50 to i64
	%52 = bitcast i8* %40 to i64*
	%53 = getelementptr i64, i64* %52, i64 %48
	store i64 %51, i64* %53
	%54 = add i64 %48, 1
	%55 = icmp slt i64 %54, %38
	br i1 %55, label %47, label %56

56:
	store i64 0, i64* @":status"
	br label %28

57:
	%58 = call i64* @":take"(i64 1)
	%59 = icmp eq i64* %58, null
	br i1 %59, label %64, label %65

60:
	%61 = load i8*, i8** @":out"
	store i8* %61, i8** %answer
	%62 = load i64, i64* @":out.size"
	store i64 %62, i64* %length
	%63 = load i64, i64* @":status"
	ret i64 %63

64:
	ret i64 1

65:
	%66 = load i64, i64* %58
	%67 = icmp uge i64 %66, 0
	br i1 %67, label %68, label %69

68:
	ret i64 2

69:
	%70 = shl i64 %66, 2
	%71 = getelementptr i64, i64* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @":learned sizes", i64 0, i64 0) to i64*), i64 %70
	%72 = load i64, i64* %71
	%73 = add i64 %70, 1
	%74 = getelementptr i64, i64* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @":learned sizes", i64 0, i64 0) to i64*), i64 %73
	%75 = load i64, i64* %74
	%76 = add i64 %70, 2
	%77 = getelementptr i64, i64* bitcast (i8* getelementptr ([8 x i8], [8 x i8]* @":learned sizes", i64 0, i64 0) to i64*), i64 %76
	%78 = load i64, i64* %77
	%79 = call i64* @":take"(i64 %72)
	%80 = icmp eq i64* %79, null
	br i1 %80, label %81, label %82

81:
	ret i64 1

82:
	%83 = icmp slt i64 0, %72
	br i1 %83, label %84, label %92

84:
	%85 = phi i64 [ 0, %82 ], [ %98, %97 ]
	%86 = getelementptr i64, i64* %79, i64 %85
	%87 = load i64, i64* %86
	%88 = sub i64 %87, %75
	%89 = sub i64 %78, %75
	%90 = add i64 %89, 1
	%91 = icmp uge i64 %88, %90
	br i1 %91, label %96, label %97

92:
	%93 = getelementptr i32*, i32** getelementptr ([1 x i32*], [1 x i32*]* @":learned memory", i64 0, i64 0), i64 %66
	%94 = load i32*, i32** %93
	%95 = icmp slt i64 0, %72
	br i1 %95, label %100, label %108

96:
	ret i64 2

97:
	%98 = add i64 %85, 1
	%99 = icmp slt i64 %98, %72
	br i1 %99, label %84, label %92

100:
	%101 = phi i64 [ 0, %92 ], [ %106, %100 ]
	%102 = getelementptr i64, i64* %79, i64 %101
	%103 = load i64, i64* %102
	%104 = trunc i64 %103 to i32
	%105 = getelementptr i32, i32* %94, i64 %101
	store i32 %104, i32* %105
	%106 = add i64 %101, 1
	%107 = icmp slt i64 %106, %72
	br i1 %107, label %100, label %108

108:
	store i64 0, i64* @":status"
	br label %60
}

define i32 @main() #0 {
0:
	%1 = call i1 @":write all"(i32 1, i8* getelementptr ([48 x i8], [48 x i8]* @":greeting", i64 0, i64 0), i64 48)
	%2 = icmp eq i1 %1, false
	br i1 %2, label %3, label %4

3:
	call void @_exit(i32 3)
	unreachable

4:
	%5 = alloca [3 x i64]
	%6 = bitcast [3 x i64]* %5 to i64*
	%7 = alloca i8*
	%8 = alloca i64
	store i8* null, i8** %7
	%9 = call i32 @getppid()
	store i32 %9, i32* @":parent"
	br label %10

10:
	%11 = bitcast i64* %6 to i8*
	%12 = call i1 @":read all"(i32 0, i8* %11, i64 24)
	br i1 %12, label %13, label %17

13:
	%14 = load i64, i64* %6
	%15 = icmp eq i64 %14, 135365612750148
	%16 = icmp eq i1 %15, false
	br i1 %16, label %18, label %19

17:
	ret i32 0

18:
	call void @_exit(i32 4)
	unreachable

19:
	%20 = getelementptr i64, i64* %6, i64 1
	%21 = load i64, i64* %20
	%22 = icmp ule i64 %21, u0x400000000
	%23 = icmp eq i1 %22, false
	br i1 %23, label %24, label %25

24:
	call void @_exit(i32 4)
	unreachable

25:
	%26 = add i64 %21, 8
	%27 = call i8* @malloc(i64 %26)
	%28 = icmp ne i8* %27, null
	%29 = icmp eq i1 %28, false
	br i1 %29, label %30, label %31

30:
	call void @_exit(i32 5)
	unreachable

31:
	%32 = call i1 @":read all"(i32 0, i8* %27, i64 %21)
	%33 = icmp eq i1 %32, false
	br i1 %33, label %34, label %35

34:
	call void @_exit(i32 3)
	unreachable

35:
	%36 = call i64 @decc_call(i8* %27, i64 %21, i8** %7, i64* %8)
	call void @free(i8* %27)
	%37 = getelementptr i64, i64* %6, i64 0
	store i64 135365612750148, i64* %37
	%38 = load i64, i64* %8
	%39 = getelementptr i64, i64* %6, i64 1
	store i64 %38, i64* %39
	%40 = getelementptr i64, i64* %6, i64 2
	store i64 %36, i64* %40
	%41 = bitcast i64* %6 to i8*
	%42 = call i1 @":write all"(i32 1, i8* %41, i64 24)
	%43 = icmp eq i1 %42, false
	br i1 %43, label %44, label %45

44:
	call void @_exit(i32 3)
	unreachable

45:
	%46 = load i8*, i8** %7
	%47 = load i64, i64* %8
	%48 = call i1 @":write all"(i32 1, i8* %46, i64 %47)
	%49 = icmp eq i1 %48, false
	br i1 %49, label %50, label %51

50:
	call void @_exit(i32 3)
	unreachable

51:
	br label %10
}

attributes #0 = { "target-cpu"="x86-64-v3" "prefer-vector-width"="256" "min-legal-vector-width"="256" }
